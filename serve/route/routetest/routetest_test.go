package routetest

import "testing"

func TestMark(t *testing.T) {
	for _, c := range []struct {
		status         int
		to, want, mark string
	}{
		{200, "", "+", "+"}, {302, "/projects", "+", "+"}, {400, "", "+", "+"}, {404, "", "+", "+"}, {404, "", "0", "0"}, {200, "", "0", "+"},
		{401, "", "+", "?"}, {303, "/sign-in?to=x", "+", "?"}, {403, "", "?", "-"}, {429, "", "+", "429"}, {500, "", "+", "a failure"},
		{503, "", "~", "~"}, {200, "", "~", "~"}, {500, "", "~", "a failure"},
	} {
		if got := mark(c.status, c.to, c.want); got != c.mark {
			t.Errorf("%d where the table says %s: %s, want %s", c.status, c.want, got, c.mark)
		}
	}
}
