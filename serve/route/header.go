package route

import (
	"net/http"
	"time"
)

// Policies of what a page may load. A handler that needs another sets its own.
const (
	DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	PagePolicy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

// protect sets what every answer has; a handler may set others before it writes.
func protect(h http.Header, id string) {
	h.Set("Content-Security-Policy", DataPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", id)
}

// cookieName is that of the session's cookie. The prefix makes browsers refuse one that another host or plain HTTP set.
func cookieName(secure bool) string {
	if secure {
		return "__Host-waymark"
	}
	return "waymark"
}

// SetSession gives a browser its session.
func SetSession(w http.ResponseWriter, r *http.Request, token string, expires time.Time) {
	setCookie(w, r, token, expires, 0)
}

// DropSession takes it back.
func DropSession(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, "", time.Time{}, -1)
}

func setCookie(w http.ResponseWriter, r *http.Request, value string, expires time.Time, age int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName(Secure(r)), Value: value, Path: "/", Expires: expires, MaxAge: age,
		HttpOnly: true, Secure: Secure(r), SameSite: http.SameSiteLaxMode})
}
