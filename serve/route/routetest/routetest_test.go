package routetest

import "testing"

func TestMark(t *testing.T) {
	for _, c := range []struct {
		status     int
		want, mark string
	}{
		{200, "+", "+"}, {302, "+", "+"}, {400, "+", "+"}, {404, "+", "+"}, {404, "0", "0"}, {200, "0", "+"},
		{401, "+", "?"}, {403, "?", "-"}, {429, "+", "429"}, {500, "+", "a failure"},
	} {
		if got := mark(c.status, c.want); got != c.mark {
			t.Errorf("%d where the table says %s: %s, want %s", c.status, c.want, got, c.mark)
		}
	}
}
