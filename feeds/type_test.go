package feeds

import (
	"fmt"
	"maps"
	"testing"
)

func TestOneOf_NamesTheWords(t *testing.T) {
	for _, c := range []struct {
		value string
		words []string
		want  string
	}{
		{"DE", []string{"DE", "AT"}, ""},
		{"", []string{"DE", "AT"}, `area "": must be DE or AT`},
		{"", []string{"", "yes", "no"}, ""},
		{"maybe", []string{"", "yes", "no"}, `area "maybe": must be yes or no`},
		{"feedin", []string{"", "feedIn"}, `area "feedin": must be feedIn`},
		{"x\ny", []string{"a", "b", "c"}, `area "x y": must be a, b or c`},
	} {
		err := OneOf("area", c.value, c.words...)
		if c.want == "" && err == nil {
			continue
		}
		if KindOf(err) != Misconfigured || fmt.Sprint(err) != c.want {
			t.Errorf("%q of %q: %v, want %q", c.value, c.words, err, c.want)
		}
	}
}

func TestSettings_TableIsWhatIsBelow(t *testing.T) {
	s := Settings{"paths": "x", "paths.usage": "a", "paths.a.b": "b", "pathsusage": "c", "url": "d"}
	if got := s.Table("paths"); !maps.Equal(got, Settings{"usage": "a", "a.b": "b"}) {
		t.Error(got)
	}
	if got := s.Table("house"); len(got) != 0 {
		t.Error(got)
	}
}
