package instance

import (
	"strings"

	"waymark/fault"
	"waymark/form/xpath"
)

// Node is an element of a record.
type Node = xpath.Node

// The issues of a record that cannot be taken, all hard; texts stand in lang/messages/instance.*.toml.
const (
	CodeEmpty        fault.Code = "instance.empty"          //
	CodeTooLarge     fault.Code = "instance.too-large"      // limit: bytes
	CodeTooDeep      fault.Code = "instance.too-deep"       // limit: elements within one another
	CodeTooMany      fault.Code = "instance.too-many"       // limit: elements
	CodeAttributes   fault.Code = "instance.attributes"     // limit: attributes of an element
	CodeEncoding     fault.Code = "instance.encoding"       //
	CodeDoctype      fault.Code = "instance.doctype"        //
	CodeTruncated    fault.Code = "instance.truncated"      // line
	CodeNotXML       fault.Code = "instance.not-xml"        // line
	CodeNoFormID     fault.Code = "instance.no-form-id"     //
	CodeNoInstanceID fault.Code = "instance.no-instance-id" //
	CodeInstanceID   fault.Code = "instance.instance-id"    // limit: letters
)

// LongestID is the number of bytes an instanceID may have (OpenRosa metadata schema).
const LongestID = 249

// Limits bound what is read. Zero fields take the default.
type Limits struct {
	Bytes      int // of the XML as sent; 20 MiB
	Depth      int // elements within one another; 64
	Elements   int // in all; 500,000
	Attributes int // of one element; 64
}

func (l Limits) filled() Limits {
	or := func(have *int, otherwise int) {
		if *have <= 0 {
			*have = otherwise
		}
	}
	or(&l.Bytes, 20<<20)
	or(&l.Depth, 64)
	or(&l.Elements, 500_000)
	or(&l.Attributes, 64)
	return l
}

// Instance is one filled-in form.
type Instance struct {
	FormID       string // attribute id of the root element, else its namespace
	Version      string // version or orx:version
	InstanceID   string
	DeprecatedID string // of an edit: the instanceID it takes the place of
	InstanceName string // made of answers on the phone: as sensitive as they are

	Encrypted bool // the answers are in files of their own, encrypted on the phone
	Manifest  Manifest

	Root *Node
	Meta *Node // the element that holds instanceID
}

// Manifest is what an encrypted record says of its files (ODK XForms specification, encryption).
type Manifest struct {
	Key       string   // base64 of the wrapped key
	XMLFile   string   // name of the encrypted record
	Media     []string // names of encrypted files
	Signature string   // base64
}

// Namespaces that a record may use.
const (
	spaceOpenRosa   = "http://openrosa.org/xforms"
	spaceSubmission = "http://opendatakit.org/submissions"
	spaceEncrypted  = "http://www.opendatakit.org/xforms/encrypted"
)

// Parse reads a record. It refuses what is not one complete, well-formed document without a DOCTYPE in UTF-8
// or UTF-16, and what does not name its form and itself. The error is a fault.Issue.
func Parse(raw []byte, limits Limits) (*Instance, error) {
	root, err := ParseXML(raw, limits)
	if err != nil {
		return nil, err
	}
	in := &Instance{Root: root}
	in.FormID = in.attribute("id")
	if in.FormID == "" {
		in.FormID = root.Space
	}
	if in.FormID == "" {
		return nil, fault.Issue{Code: CodeNoFormID}
	}
	in.Version = in.attribute("version")
	in.meta()
	switch {
	case in.InstanceID == "":
		return nil, fault.Issue{Code: CodeNoInstanceID}
	case len(in.InstanceID) > LongestID:
		return nil, fault.Issue{Code: CodeInstanceID, Args: map[string]any{"limit": LongestID}}
	}
	in.manifest()
	return in, nil
}

// attribute gives an attribute of the root element; one without a namespace comes before one with.
func (in *Instance) attribute(name string) string {
	found := ""
	for _, a := range in.Root.Attributes {
		switch {
		case a.Name != name:
		case a.Space == "":
			return strings.TrimSpace(a.Value)
		case a.Space == spaceOpenRosa || a.Space == in.Root.Space:
			found = strings.TrimSpace(a.Value)
		}
	}
	return found
}

// meta reads what the record says of itself. The block may be in the namespace of the form or of OpenRosa, and
// a form may have a group of that name beside it.
func (in *Instance) meta() {
	for _, c := range in.Root.Children {
		if c.Name != "meta" {
			continue
		}
		if id := c.Child("instanceID"); id != nil && (in.Meta == nil || c.Space == spaceOpenRosa) {
			in.Meta = c
			in.InstanceID = strings.TrimSpace(id.Value())
			in.DeprecatedID = in.said("deprecatedID")
			in.InstanceName = in.said("instanceName")
		}
	}
	if in.InstanceID == "" {
		in.InstanceID = in.attribute("instanceID")
	}
}

func (in *Instance) said(name string) string {
	if c := in.Meta.Child(name); c != nil {
		return strings.TrimSpace(c.Value())
	}
	return ""
}

// manifest reads the list of files of an encrypted record.
func (in *Instance) manifest() {
	key := in.Root.Child("base64EncryptedKey")
	flag := strings.EqualFold(in.attribute("encrypted"), "yes")
	if key == nil || !flag && in.Root.Space != spaceSubmission && in.Root.Space != spaceEncrypted {
		return
	}
	in.Encrypted = true
	in.Manifest.Key = strings.TrimSpace(key.Value())
	for _, c := range in.Root.Children {
		switch c.Name {
		case "encryptedXmlFile":
			in.Manifest.XMLFile = strings.TrimSpace(c.Value())
		case "base64EncryptedElementSignature":
			in.Manifest.Signature = strings.TrimSpace(c.Value())
		case "media":
			for _, file := range c.Children {
				if name := strings.TrimSpace(file.Value()); file.Name == "file" && name != "" {
					in.Manifest.Media = append(in.Manifest.Media, name)
				}
			}
		}
	}
}

// String names the record without any of its answers.
func (in Instance) String() string { return "record of form " + in.FormID + " (sealed)" }

// GoString is String, so that %#v shows no answers either.
func (in Instance) GoString() string { return in.String() }
