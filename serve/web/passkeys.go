package web

import "waymark/serve/route"

// passkeys lets people sign in with what their phone or laptop keeps for them (WebAuthn).
type passkeys struct{}

func (passkeys) offered(*ask) bool  { return false }
func (passkeys) possible(*ask) bool { return false }

func (s *site) passkeyRoutes() []route.Route { return nil }
