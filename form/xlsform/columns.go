package xlsform

import "strings"

// The names that columns go by, each with the place of its cells: the part of a question they belong to, and
// the name there. Case and spaces in a header do not count.
var (
	surveyColumns = names{
		"type": {"type"}, "command": {"type"}, "name": {"name"}, "tag": {"name"}, "value": {"name"},
		"label": {"label"}, "caption": {"label"}, "hint": {"hint"}, "guidance_hint": {"guidance_hint"}, "guidance": {"guidance_hint"},
		"bind": {"bind"}, "control": {"control"}, "body": {"control"}, "instance": {"instance"}, "media": {"media"},
		"image": {"media", "image"}, "big-image": {"media", "big-image"}, "audio": {"media", "audio"}, "video": {"media", "video"},
		"relevant": {"bind", "relevant"}, "relevance": {"bind", "relevant"}, "required": {"bind", "required"},
		"read_only": {"bind", "readonly"}, "readonly": {"bind", "readonly"}, "constraint": {"bind", "constraint"},
		"calculation": {"bind", "calculate"}, "calculate": {"bind", "calculate"},
		"constraint_message": {"bind", "jr:constraintMsg"}, "constraining_message": {"bind", "jr:constraintMsg"},
		"required_message": {"bind", "jr:requiredMsg"}, "requiredmsg": {"bind", "jr:requiredMsg"},
		"noapperrorstring": {"bind", "jr:noAppErrorString"}, "no_app_error_string": {"bind", "jr:noAppErrorString"},
		"save_to":    {"bind", "entities:saveto"},
		"appearance": {"control", "appearance"}, "autoplay": {"control", "autoplay"}, "rows": {"control", "rows"},
		"count": {"control", "jr:count"}, "repeat_count": {"control", "jr:count"}, "jr:count": {"control", "jr:count"},
		"compact_tag": {"instance", "odk:tag"}, "default": {"default"}, "choice_filter": {"choice_filter"},
		"parameters": {"parameters"}, "trigger": {"trigger"}, "intent": {"intent"}, "disabled": {"disabled"},
		"sensitivity": {"sensitivity"}, "class": {"class"},
	}
	choiceColumns = names{
		"list_name": {"list"}, "listname": {"list"}, "list-name": {"list"}, "name": {"name"}, "value": {"name"},
		"label": {"label"}, "caption": {"label"}, "media": {"media"},
		"image": {"media", "image"}, "big-image": {"media", "big-image"}, "audio": {"media", "audio"}, "video": {"media", "video"},
		"sms_option": {"sms_option"},
	}
	settingColumns = names{
		"form_title": {"title"}, "set_form_title": {"title"}, "title": {"title"},
		"form_id": {"id"}, "set_form_id": {"id"}, "id_string": {"id"}, "version": {"version"}, "name": {"name"},
		"default_language": {"language"}, "allow_choice_duplicates": {"duplicates"}, "clean_text_values": {"clean"},
		"instance_name": {"instance_name"}, "instance_xmlns": {"instance_xmlns"}, "instance_id": {"instance_id"},
		"omit_instanceid": {"omit_instanceid"}, "style": {"style"}, "namespaces": {"namespaces"}, "attribute": {"attribute"},
		"public_key": {"public_key"}, "submission_url": {"submission_url"}, "auto_send": {"auto_send"}, "auto_delete": {"auto_delete"},
		"client_editable": {"client_editable"}, "prefix": {"prefix"}, "delimiter": {"delimiter"}, "flat": {"flat"},
		"add_none_option": {"none"},
	}
	entityColumns = names{
		"list_name": {"list"}, "dataset": {"list"}, "entity_id": {"entity_id"}, "create_if": {"create_if"},
		"update_if": {"update_if"}, "label": {"label"}, "repeat": {"repeat"},
	}
)

// names are the columns of a sheet by the names they go by.
type names map[string][]string

// find looks a header up; loose takes one without regard to hyphens and underscores too.
func (n names) find(header string, loose bool) ([]string, bool) {
	snake := strings.ToLower(strings.Join(strings.Fields(header), "_"))
	if path, ok := n[snake]; ok {
		return path, true
	}
	if !loose {
		return nil, false
	}
	if path, ok := n[strings.ReplaceAll(snake, "-", "_")]; ok {
		return path, true
	}
	bare := strings.NewReplacer("_", "", "-", "").Replace(snake)
	for name, path := range n {
		if strings.ReplaceAll(name, "_", "") == bare {
			return path, true
		}
	}
	return nil, false
}

// heading is what a header says of its column.
type heading struct {
	text  string   // the header, its spaces cleaned
	path  []string // where cells belong; nil without a header
	known bool
}

// language is the language that a header names after so many parts of its path.
func (h heading) language(parts int) string {
	if len(h.path) > parts {
		return h.path[parts]
	}
	return ""
}

// headings reads a header row. A language follows two colons; one colon in older forms, where no header of
// the sheet has two.
func headings(row []string, n names, loose bool) []heading {
	double := false
	for _, cell := range row {
		double = double || strings.Contains(cell, "::")
	}
	out := make([]heading, len(row))
	for i, cell := range row {
		text := clean(cell)
		if text == "" {
			continue
		}
		out[i] = heading{text: text}
		if path, ok := n.find(text, false); ok {
			out[i].path, out[i].known = path, true
			continue
		}
		parts := splitHeader(text, double)
		first, ok := n.find(parts[0], loose)
		if !ok {
			out[i].path = parts
			continue
		}
		out[i].path = append(append([]string(nil), first...), parts[1:]...)
		out[i].known = true
	}
	return out
}

func splitHeader(text string, double bool) []string {
	by := ":"
	if double {
		by = "::"
	}
	var parts []string
	for _, p := range strings.Split(text, by) {
		p = strings.TrimSpace(p)
		if n := len(parts); n > 0 && parts[n-1] == "jr" { // "jr:count" is one name
			parts[n-1] = "jr:" + p
			continue
		}
		parts = append(parts, p)
	}
	return parts
}
