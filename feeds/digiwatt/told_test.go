package digiwatt

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hearth/feeds"
)

// What is configured is what is sent, appliance by appliance, and the vendor that sends it back has all of it.
func TestHousehold_IsSentAsItIsConfigured(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := float64(rapid.IntRange(1, 9999).Draw(t, "tenths")) / 10
		number := func(key string) int { return rapid.IntRange(0, 9).Draw(t, key) }
		want := Household{House{rapid.SampledFrom([]string{"villa", "apartment"}).Draw(t, "type"), size, "MI"}, Residents{number("adults"), number("children"), number("elderlies")}, nil}
		s := feeds.Settings{
			"house.type": want.House.Type, "house.province": "MI", "residents.adults": strconv.Itoa(want.Residents.Adults),
			"residents.children": strconv.Itoa(want.Residents.Children), "residents.elderlies": strconv.Itoa(want.Residents.Elderly),
		}
		s[rapid.SampledFrom([]string{"house.dimension", "house.dimesion"}).Draw(t, "spelling")] = fmt.Sprint(size)
		owned := rapid.MapOfN(rapid.SampledFrom([]string{"oven", "fridge", "airConditioner"}), rapid.IntRange(0, 4), 0, 3).Draw(t, "owned")
		for _, name := range slices.Sorted(maps.Keys(owned)) {
			s["appliances."+name] = strconv.Itoa(owned[name])
			want.Appliances = append(want.Appliances, Appliance{name, owned[name]})
		}
		got, err := household(s)
		if err != nil || got.House != want.House || got.Residents != want.Residents || !slices.Equal(got.Appliances, want.Appliances) {
			t.Fatalf("%v is %+v, %v", s, got, err)
		}
		var back Household
		sent, err := json.Marshal(got)
		if err != nil || json.Unmarshal(sent, &back) != nil || !got.isIn(back) || !back.isIn(*got) {
			t.Fatalf("%s comes back as %+v, %v", sent, back, err)
		}
		back.Appliances = append(back.Appliances, Appliance{"heater", 1})
		if !got.isIn(back) || back.isIn(*got) {
			t.Fatal("what the vendor adds is its own, and what it lacks is missed")
		}
	})
}

// Whatever an account is called, it stays one part of the path, and the period another.
func TestPaths_KeepAnAccountInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringN(1, 20, -1).Filter(func(s string) bool { return s != "." && s != ".." }).Draw(t, "account")
		got := fill("/consumption/{account_number}/habits/{period}", url.PathEscape, account, LastWeek)
		parts := strings.Split(got, "/")
		if len(parts) != 5 || parts[1] != "consumption" || parts[3] != "habits" || parts[4] != "last-week" {
			t.Fatalf("%q is at %s", account, got)
		}
		if back, err := url.PathUnescape(parts[2]); err != nil || back != account {
			t.Fatalf("%q is %q in %s, %v", account, back, got, err)
		}
	})
}

// The hours of a week are those that came, each once.
func TestHabits_AreTheHoursThatCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.IntRange(-24, 8*24), 0, 30).Draw(t, "hours")
		var index []string
		var data []string
		isGood, seen := true, map[int]bool{}
		for _, n := range all {
			index, data = append(index, fmt.Sprintf("[%d,%d]", n/24, n%24)), append(data, fmt.Sprintf("[%d]", n))
			isGood = isGood && n >= 0 && n < week && !seen[n]
			seen[n] = true
		}
		body := fmt.Sprintf(`{"electricity_data": {"index": [%s], "columns": ["consumption"], "data": [%s]}}`, strings.Join(index, ","), strings.Join(data, ","))
		h, err := readHabits(json.RawMessage(body), asked{})
		if (err == nil) != isGood {
			t.Fatalf("%s: %v", body, err)
		}
		for i, hour := range h.Hours {
			if n := hour.Day*24 + hour.Hour; n != all[i] || float64(*h.Rows[i][0]) != float64(n) {
				t.Fatalf("%s: %v is %v", body, hour, *h.Rows[i][0])
			}
		}
		if rows := h.table("habits"); err == nil && (len(rows.Rows) != len(all) || (len(rows.Remarks) == 2) != (len(all) != week)) {
			t.Fatalf("%+v", rows)
		}
	})
}

// A refusal inside of a good answer says why, without what it was sent.
func TestAnswer_TellsWhyItIsRefusedInside(t *testing.T) {
	for body, want := range map[string]string{
		`{"status": 403, "message": "the plan has no trend"}`:            "configuration: trend: the answer has status 403 inside: the plan has no trend",
		`{"status": 403, "data": null, "error": "nobody knows ` + secret: "temporary: trend: the answer is not what it should be",
		`{"status": 500, "detail": "made.up.token is odd"}`:              "temporary: trend: the answer has status 500 inside: *** is odd",
		`{"status": 404, "message": {"why": "nothing"}}`:                 "configuration: trend: the answer has status 404 inside",
	} {
		s := open(t, settings(vendor(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })), noon)
		if _, err := s.Trend(t.Context()); err == nil || !strings.HasPrefix(fmt.Sprintf("%s: %v", feeds.KindOf(err), err), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %s: %v, want %s", body, feeds.KindOf(err), err, want)
		}
	}
}
