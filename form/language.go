package form

import (
	"strings"
	"unicode"
)

// ParseLanguage reads a language's name as an author writes it: "English (en)", "Français", "fr".
func ParseLanguage(name string) Language {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return Language{}
	}
	if from, to := strings.LastIndexByte(name, '('), strings.LastIndexByte(name, ')'); from >= 0 && to == len(name)-1 {
		if tag := strings.TrimSpace(name[from+1 : to]); isTag(tag) {
			return Language{Tag: strings.ToLower(tag), Name: name}
		}
	}
	lower := strings.ToLower(name)
	if tag, ok := languageTags[lower]; ok {
		return Language{Tag: tag, Name: name}
	}
	if len(lower) == 2 && isTag(lower) {
		return Language{Tag: lower, Name: name}
	}
	return Language{Tag: "x-" + privateTag(lower), Name: name}
}

// languageTags are languages that forms name without a code.
var languageTags = map[string]string{
	"english": "en", "anglais": "en", "french": "fr", "français": "fr", "francais": "fr", "arabic": "ar", "arabe": "ar", "العربية": "ar",
	"spanish": "es", "español": "es", "espagnol": "es", "portuguese": "pt", "português": "pt", "somali": "so", "af-soomaali": "so",
	"swahili": "sw", "kiswahili": "sw", "amharic": "am", "amharique": "am", "tigrinya": "ti", "oromo": "om", "hausa": "ha", "haoussa": "ha",
	"fulfulde": "ff", "pular": "ff", "wolof": "wo", "bambara": "bm", "dari": "prs", "pashto": "ps", "urdu": "ur", "bengali": "bn",
	"burmese": "my", "ukrainian": "uk", "russian": "ru", "turkish": "tr", "kurdish": "ku", "chichewa": "ny", "haitian creole": "ht",
	"german": "de", "italian": "it", "dutch": "nl", "nepali": "ne", "hindi": "hi", "vietnamese": "vi", "thai": "th", "indonesian": "id",
}

// isTag knows the shape of a BCP 47 tag: letters, then parts of letters and digits.
func isTag(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if len(part) == 0 || len(part) > 8 || i == 0 && (len(part) < 2 || len(part) > 3) {
			return false
		}
		for _, r := range part {
			if r > unicode.MaxASCII || !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
				return false
			}
		}
	}
	return true
}

// privateTag makes what may follow "x-" of a name: up to eight letters or digits a part.
func privateTag(name string) string {
	var b strings.Builder
	run := 0
	for _, r := range name {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if run == 8 {
			b.WriteByte('-')
			run = 0
		}
		b.WriteRune(r)
		run++
	}
	if b.Len() == 0 {
		return "other"
	}
	return b.String()
}

// WrittenRight says whether a language is written from right to left: by its script subtag, else by the script
// it is usually written in.
func WrittenRight(tag string) bool {
	parts := strings.Split(strings.ToLower(tag), "-")
	for _, p := range parts[1:] {
		if len(p) == 4 {
			return p == "arab" || p == "hebr" || p == "thaa" || p == "syrc" || p == "nkoo" || p == "adlm"
		}
	}
	switch parts[0] {
	case "ar", "he", "iw", "yi", "fa", "prs", "ps", "ur", "ug", "sd", "ckb", "dv", "ks", "syr", "nqo", "arc", "azb", "bal", "pnb", "skr":
		return true
	}
	return false
}
