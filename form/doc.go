// Package form knows the compiled questionnaire: its questions in order with their groups, repeats, types,
// choice lists and texts in several languages. It must not know the file a form was written in, nor answers.
package form
