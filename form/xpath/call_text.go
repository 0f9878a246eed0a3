package xpath

import (
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"unicode/utf8"
)

// errNotHere says that a function is of another family.
var errNotHere = errors.New("xpath: not of this family")

// longestText bounds a text that is put together.
const longestText = 1 << 20

func (v *evaluation) texts(name string, args []Value) (Value, error) {
	arg := func(i int) string { return args[i].Text() }
	switch name {
	case "string":
		return textOf(arg(0)), nil
	case "concat":
		return v.joined("", args)
	case "join":
		return v.joined(arg(0), args[1:])
	case "substr":
		end := math.Inf(1)
		if len(args) > 2 {
			end = args[2].Number()
		}
		return textOf(substr(arg(0), args[1].Number(), end)), nil
	case "substring-before":
		before, _, ok := strings.Cut(arg(0), arg(1))
		if !ok {
			before = ""
		}
		return textOf(before), nil
	case "substring-after":
		_, after, _ := strings.Cut(arg(0), arg(1))
		return textOf(after), nil
	case "translate":
		return textOf(translate(arg(0), arg(1), arg(2))), nil
	case "string-length":
		return numberOf(float64(utf8.RuneCountInString(arg(0)))), nil
	case "normalize-space":
		return textOf(strings.Join(strings.Fields(arg(0)), " ")), nil
	case "contains":
		return truthOf(strings.Contains(arg(0), arg(1))), nil
	case "starts-with":
		return truthOf(strings.HasPrefix(arg(0), arg(1))), nil
	case "ends-with":
		return truthOf(strings.HasSuffix(arg(0), arg(1))), nil
	case "uuid":
		if v.UUID == nil || len(args) > 0 {
			return Value{}, ErrUnknown
		}
		return textOf(v.UUID()), nil
	case "digest":
		return digest(args)
	case "base64-decode":
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(arg(0)))
		if err != nil || !utf8.Valid(b) {
			return textOf(""), nil
		}
		return textOf(string(b)), nil
	case "extract-signed":
		return textOf(extractSigned(arg(0), arg(1))), nil
	}
	return Value{}, errNotHere
}

func (v *evaluation) joined(separator string, args []Value) (Value, error) {
	var b strings.Builder
	first := true
	for _, a := range args {
		for _, s := range a.texts() {
			if !first {
				b.WriteString(separator)
			}
			first = false
			b.WriteString(s)
			if b.Len() > longestText {
				return Value{}, ErrUnknown
			}
		}
	}
	return textOf(b.String()), nil
}

// substr counts from 0; the end is not part of it, and what is negative counts from the end of the text.
func substr(s string, start, end float64) string {
	letters := []rune(s)
	n := float64(len(letters))
	place := func(x float64) int {
		if math.IsNaN(x) {
			return 0
		}
		if x = math.Trunc(x); x < 0 {
			x += n
		}
		return int(min(max(x, 0), n))
	}
	from, to := place(start), place(end)
	if from >= to {
		return ""
	}
	return string(letters[from:to])
}

func translate(s, from, to string) string {
	targets := []rune(to)
	with := map[rune]rune{}
	for i, r := range []rune(from) {
		if _, twice := with[r]; twice {
			continue
		}
		with[r] = -1
		if i < len(targets) {
			with[r] = targets[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if to, ok := with[r]; ok {
			return to
		}
		return r
	}, s)
}

func digest(args []Value) (Value, error) {
	b := []byte(args[0].Text())
	var sum []byte
	switch strings.ToUpper(args[1].Text()) {
	case "MD5":
		s := md5.Sum(b)
		sum = s[:]
	case "SHA-1":
		s := sha1.Sum(b)
		sum = s[:]
	case "SHA-256":
		s := sha256.Sum256(b)
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384(b)
		sum = s[:]
	case "SHA-512":
		s := sha512.Sum512(b)
		sum = s[:]
	default:
		return Value{}, ErrUnknown
	}
	if len(args) > 2 && strings.EqualFold(args[2].Text(), "hex") {
		return textOf(hex.EncodeToString(sum)), nil
	}
	return textOf(base64.StdEncoding.EncodeToString(sum)), nil
}

// extractSigned gives what was signed with Ed25519, "" where the signature does not hold. The signature stands
// before the contents.
func extractSigned(signed, key string) string {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(signed))
	public, errKey := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil || errKey != nil || len(public) != ed25519.PublicKeySize || len(b) < ed25519.SignatureSize {
		return ""
	}
	signature, contents := b[:ed25519.SignatureSize], b[ed25519.SignatureSize:]
	if !ed25519.Verify(public, contents, signature) || !utf8.Valid(contents) {
		return ""
	}
	return string(contents)
}
