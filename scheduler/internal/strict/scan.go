// Package strict reads JSON that must be exactly as described: it notes every unknown, missing, repeated or
// mistyped key with its path instead of stopping at the first, and takes no memory for a value before it
// was asked for.
package strict

// skip is the index after the value, or white space and value, that begins at i. The text is valid JSON.
func skip(b []byte, i int) int {
	i = space(b, i)
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = quoted(b, i) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			continue
		default:
			i = scalar(b, i) - 1
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// quoted is the index after the string that begins at i.
func quoted(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// scalar is the index after the number or word that begins at i.
func scalar(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
		i++
	}
	return i
}

// items yields the text of each element of an array, without its white space.
func items(b []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		i := space(b, 1)
		for n := 0; b[i] != ']'; n++ {
			end := skip(b, i)
			if !yield(n, b[i:end]) {
				return
			}
			if i = space(b, end); b[i] == ',' {
				i = space(b, i+1)
			}
		}
	}
}

// members yields the key, still quoted, and the text of each member of an object.
func members(b []byte) func(yield func(key, value []byte) bool) {
	return func(yield func(key, value []byte) bool) {
		i := space(b, 1)
		for b[i] != '}' {
			end := quoted(b, i)
			key := b[i:end]
			i = space(b, space(b, end)+1) // over the colon
			end = skip(b, i)
			if !yield(key, b[i:end]) {
				return
			}
			if i = space(b, end); b[i] == ',' {
				i = space(b, i+1)
			}
		}
	}
}
