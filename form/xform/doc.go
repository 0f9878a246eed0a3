// Package xform knows forms as phones read them: XForms in XML with the extensions of OpenRosa and ODK. It
// must not know the sheets a form was written in, nor answers.
//
// Encode writes a compiled form. The bytes depend on the form alone, so that their hash names a version:
//
//	xml, issues := xform.Encode(compiled)
//
// Decode reads a form, whoever compiled it:
//
//	f, issues := xform.Decode(xml)
package xform
