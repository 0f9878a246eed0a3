package openrosa

import (
	"crypto/md5" //nolint:gosec // phones compare files by it
	"encoding/hex"
	"errors"
	"net/http"

	"waymark/fault"
)

// standing says which of some entities are in a list.
func (s *server) standing(r *http.Request, a asked, ids []string) (map[string]bool, error) {
	there := map[string]bool{}
	for _, id := range ids {
		e, _, err := s.desk.Entity(r.Context(), a.by, a.project, r.PathValue("list"), id)
		switch {
		case errors.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		default:
			there[id] = !e.Deleted
		}
	}
	return there, nil
}

func sumOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	sum := md5.Sum(b) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
