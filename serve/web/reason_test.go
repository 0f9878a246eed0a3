package web

import (
	"strings"
	"testing"

	"waymark/collect"
	"waymark/fault"
	"waymark/form/instance"
)

// TestReasonsAreForStaff lists what a body can be held for: what Desk.read and Desk.decide refuse, and what instance.Parse
// does. Their own texts speak to who sent it.
func TestReasonsAreForStaff(t *testing.T) {
	s := testSite(t)
	args := map[string]any{"right": "records.submit", "what": "form", "have": "a", "want": "b", "limit": 9, "line": 3}
	for _, code := range []fault.Code{
		collect.CodeNotAllowed, collect.CodeNoSuch, collect.CodeFormClosed, collect.CodeNoPublished, collect.CodeNoDraft, collect.CodeOtherBody,
		collect.CodeWasDeleted, collect.CodeSuperseded, collect.CodeNoneToEdit, collect.CodeMayNotEdit, collect.CodeOtherForm,
		instance.CodeEmpty, instance.CodeTooLarge, instance.CodeTooDeep, instance.CodeTooMany, instance.CodeAttributes, instance.CodeEncoding,
		instance.CodeDoctype, instance.CodeTruncated, instance.CodeNotXML, instance.CodeNoFormID, instance.CodeNoInstanceID, instance.CodeInstanceID,
	} {
		for _, tag := range []string{"en", "fr"} {
			v := s.voices[tag]
			text := v.reason(collect.Quarantined{Reason: code, Args: args})
			if !v.Has("web.reason."+string(code)) || text == v.code(code, args) || strings.Contains(text, "<no value>") || strings.Contains(text, "records.submit") {
				t.Errorf("%s in %s: %s", code, tag, text)
			}
			for _, phone := range []string{"What you sent", "Votre envoi", "Send it", "Envoyez-l"} {
				if strings.Contains(text, phone) {
					t.Errorf("%s in %s speaks to a phone: %s", code, tag, text)
				}
			}
		}
	}
	if text := s.voices["en"].reason(collect.Quarantined{Reason: "collect.of-tomorrow"}); !strings.Contains(text, "collect.of-tomorrow") {
		t.Errorf("a reason of another server is told as %q", text)
	}
}
