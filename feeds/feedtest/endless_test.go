package feedtest

import (
	"fmt"
	"strings"
	"testing"
)

func TestFields_AreOneOfEachNameAndSort(t *testing.T) {
	for body, want := range map[string]string{
		`{"a": [1.5, -2e3, null, true], "b\"": {"2026": "x", "2027": "y"}}`: `"a"|1.5|"b\""|"2026"|"x"`,
		`[["12.05.2026", 40], ["13.05.2026", 41]]`:                          `"12.05.2026"|40`,
		"<a x=\"y\">\n <b>1 2</b><b>3</b>\n <c:d>4</c:d></a>":               `"y"|1 2|4`,
		"": "",
	} {
		var got []string
		for _, f := range fields(body) {
			got = append(got, body[f.start:f.end])
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %s, want %s", body, strings.Join(got, "|"), want)
		}
	}
}

// Recordings are found by either pattern, and none twice.
func TestAnswers_AreJSONOrOfThatName(t *testing.T) {
	t.Chdir("..")
	for folder, want := range map[string]string{"entsoe": "answer.xml", "awattar": "answer.json", "webjson": "wall.json"} {
		t.Run(folder, func(t *testing.T) {
			t.Chdir(folder)
			if got := fmt.Sprint(answers(t)); strings.Count(got, "/four-hours/answer.json") > 1 || !strings.Contains(got, "/"+want) {
				t.Error(got)
			}
		})
	}
}
