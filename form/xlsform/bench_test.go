package xlsform_test

import (
	"fmt"
	"testing"

	"waymark/form/xform"
	"waymark/form/xlsform"
)

// questionnaire makes a form of so many questions in two languages: numbers, texts, choices and calculations
// in groups of twenty, each relevant by another.
func questionnaire(questions, choices int) xlsform.Tables {
	survey := [][]string{{"type", "name", "label::English (en)", "label::Français (fr)", "hint::English (en)", "hint::Français (fr)", "relevant", "constraint", "calculation", "required"}}
	for i := range questions {
		if i%20 == 0 {
			if i > 0 {
				survey = append(survey, []string{"end group"})
			}
			survey = append(survey, []string{"begin group", fmt.Sprintf("g%d", i/20), "Part", "Partie"})
		}
		name, before := fmt.Sprintf("q%d", i), fmt.Sprintf("${q%d}", max(i-1, 0))
		row := []string{"text", name, "Question " + name + " after " + before, "Question " + name + " après " + before, "Ask it", "Posez-la", "", "", "", "yes"}
		switch i % 5 {
		case 1:
			row[0], row[7] = "integer", ". >= 0 and . < 1000"
		case 2:
			row[0], row[6] = "select_one answers", before+" > 3"
		case 3:
			row[0], row[6] = "select_multiple answers", "selected("+before+", 'c1')"
		case 4:
			row[0], row[8] = "calculate", "concat("+before+", 'x')"
		}
		if i == 0 {
			row[2], row[3] = "First", "Première"
		}
		survey = append(survey, row)
	}
	survey = append(survey, []string{"end group"})
	list := [][]string{{"list_name", "name", "label::English (en)", "label::Français (fr)", "region"}}
	for i := range choices {
		list = append(list, []string{"answers", fmt.Sprintf("c%d", i), fmt.Sprintf("Choice %d", i), fmt.Sprintf("Choix %d", i), fmt.Sprintf("r%d", i%50)})
	}
	return xlsform.Tables{{Name: "survey", Rows: survey}, {Name: "choices", Rows: list}, {Name: "settings", Rows: [][]string{{"form_id", "version", "default_language"}, {"large", "1", "English (en)"}}}}
}

func benchmark(b *testing.B, book xlsform.Tables) {
	b.ReportAllocs()
	for b.Loop() {
		f, issues := xlsform.Compile(book, xlsform.Options{})
		if issues.Err() != nil {
			b.Fatal(issues.Err())
		}
		if out, _ := xform.Encode(f); len(out) == 0 {
			b.Fatal("nothing came out")
		}
	}
}

// From cells at hand to XML: reading a workbook's file comes on top.
func BenchmarkCompile500(b *testing.B)   { benchmark(b, questionnaire(500, 20)) }
func BenchmarkCompile5000(b *testing.B)  { benchmark(b, questionnaire(5000, 20)) }
func BenchmarkChoices20000(b *testing.B) { benchmark(b, questionnaire(500, 20000)) }
