package feeds

import (
	"strings"
	"unicode"
)

// OneLine is a text of somebody else's, fit for an error or a log: one line of at most 200 characters that can be
// shown.
func OneLine(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > 200 {
		runes = append(runes[:199], '…')
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '�'
		}
	}
	return string(runes)
}
