package access_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waymark/trust/access"
)

func user(id int64, grants ...access.Grant) access.Actor {
	return access.Resolve(access.Roles(), access.Actor{Kind: access.User, ID: id, Grants: grants})
}

func TestAllowed(t *testing.T) {
	abeche := access.Scope{Project: 1, Sites: []string{"TD01"}}
	reds := access.Scope{Project: 1, Teams: []string{"red"}}
	for _, c := range []struct {
		name       string
		who        access.Actor
		right      access.Right
		project    int64
		site, team string
		want       bool
	}{
		{"the administrator manages users", user(1, access.Grant{Role: "administrator"}), access.ManageUsers, 0, "", "", true},
		{"the administrator reads no restricted answers", user(1, access.Grant{Role: "administrator"}), access.ReadRestricted, 1, "", "", false},
		{"an administrator of one project does not manage the server", user(1, access.Grant{Role: "administrator", Scope: access.Scope{Project: 1}}), access.ManageServer, 0, "", "", false},
		{"a manager of one project", user(2, access.Grant{Role: "manager", Scope: access.Scope{Project: 1}}), access.ReadRestricted, 1, "X", "y", true},
		{"a manager of another project", user(2, access.Grant{Role: "manager", Scope: access.Scope{Project: 2}}), access.ReadRestricted, 1, "", "", false},
		{"a reviewer of the site", user(3, access.Grant{Role: "reviewer", Scope: abeche}), access.ReviewRecords, 1, "TD01", "red", true},
		{"a reviewer of another site", user(3, access.Grant{Role: "reviewer", Scope: abeche}), access.ReviewRecords, 1, "TD02", "red", false},
		{"a reviewer of a site, a record of none", user(3, access.Grant{Role: "reviewer", Scope: abeche}), access.ReviewRecords, 1, "", "", false},
		{"a viewer of the team", user(3, access.Grant{Role: "viewer", Scope: reds}), access.ReadRecords, 1, "TD02", "red", true},
		{"two grants add up", user(3, access.Grant{Role: "viewer", Scope: reds}, access.Grant{Role: "reviewer", Scope: abeche}), access.ReadRecords, 1, "TD01", "blue", true},
		{"rights of two grants do not mix", user(3, access.Grant{Role: "viewer", Scope: reds}, access.Grant{Role: "reviewer", Scope: abeche}), access.ReadRestricted, 1, "TD02", "red", false},
		{"a role that is not there", user(3, access.Grant{Role: "king"}), access.ReadForms, 1, "", "", false},
		{"nobody", access.Actor{}, access.ReadForms, 1, "", "", false},
		{"a device submits in its project", access.Resolve(access.Roles(), access.Actor{Kind: access.Device, ID: 4, Project: 1}), access.Submit, 1, "TD01", "", true},
		{"and in no other", access.Resolve(access.Roles(), access.Actor{Kind: access.Device, ID: 4, Project: 1}), access.Submit, 2, "", "", false},
		{"a device without a project has none", access.Resolve(access.Roles(), access.Actor{Kind: access.Device, ID: 4}), access.Submit, 0, "", "", false},
		{"grants written to a device count for nothing", access.Resolve(access.Roles(), access.Actor{Kind: access.Device, Project: 1, Grants: []access.Grant{{Role: "manager"}}}), access.ReadRestricted, 1, "", "", false},
		{"the program sweeps", access.Resolve(nil, access.Actor{Kind: access.System}), access.DeleteRecords, 1, "", "", true},
		{"the program reads nothing protected", access.Resolve(access.Roles(), access.Actor{Kind: access.System}), access.ReadRestricted, 1, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := access.Allowed(c.who, c.right, c.project, c.site, c.team); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWhere(t *testing.T) {
	site := access.Scope{Project: 1, Sites: []string{"TD01"}}
	some := user(3, access.Grant{Role: "reviewer", Scope: site})
	if got := access.Where(some, access.ReadRecords, 1); len(got) != 1 || got[0].Whole() {
		t.Errorf("a reviewer of a site: %v", got)
	}
	if !access.AllowedAnywhere(some, access.ReadRecords, 1) || access.AllowedAnywhere(some, access.ReadRecords, 2) || access.AllowedAnywhere(some, access.ReadRecords, 0) {
		t.Error("a reviewer of a site of one project reads there, in no other and not in all")
	}
	both := user(3, access.Grant{Role: "reviewer", Scope: site}, access.Grant{Role: "viewer"})
	if got := access.Where(both, access.ReadRecords, 1); len(got) != 1 || !got[0].Whole() {
		t.Errorf("the wider grant does not hold: %v", got)
	}
}

func TestStartingRolesAreSound(t *testing.T) {
	all := access.Rights()
	given := map[access.Right]bool{}
	for _, r := range access.Roles() {
		if right, mixed := access.Mixed(r); mixed {
			t.Errorf("%s mixes powers: %s", r.Name, right)
		}
		for i, right := range r.Rights {
			given[right] = true
			if !slices.Contains(all, right) {
				t.Errorf("%s holds %s, which Rights does not list", r.Name, right)
			}
			if slices.Contains(r.Rights[:i], right) {
				t.Errorf("%s holds %s twice", r.Name, right)
			}
		}
	}
	for _, r := range all {
		if !given[r] {
			t.Errorf("no role holds %s", r)
		}
	}
	for _, r := range access.Protected() {
		if !slices.Contains(all, r) {
			t.Errorf("Rights does not list %s", r)
		}
	}
}

// TestAdministratorCannotHelpHimself lets an administrator try anything that the rules allow alone, as often as they
// like: nothing that is protected becomes theirs (invariant 2).
func TestAdministratorCannotHelpHimself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roles := access.Roles()
		me := access.Actor{Kind: access.User, ID: 1, Grants: []access.Grant{{Role: access.Administrator}}}
		for _, extra := range rapid.SliceOfN(rapid.SampledFrom([]string{access.Viewer, access.Collector}), 0, 2).Draw(t, "also") {
			me.Grants = append(me.Grants, access.Grant{Role: extra}) // given by somebody else
		}
		for range rapid.IntRange(1, 12).Draw(t, "tries") {
			by := access.Resolve(roles, me)
			name := rapid.SampledFrom([]string{"administrator", "manager", "viewer", "collector", "officer", "new"}).Draw(t, "role")
			if rapid.Bool().Draw(t, "grant") {
				g := access.Grant{Role: name, Scope: access.Scope{Project: rapid.Int64Range(0, 2).Draw(t, "project")}}
				if to := rapid.Int64Range(1, 2).Draw(t, "to"); access.CanGrant(by, to, g) && to == me.ID {
					me.Grants = append(me.Grants, g)
				}
				continue
			}
			becomes := access.Role{Name: name, Rights: rapid.SliceOfDistinct(rapid.SampledFrom(access.Rights()), rapid.ID[access.Right]).Draw(t, "rights")}
			i := slices.IndexFunc(roles, func(r access.Role) bool { return r.Name == name })
			was := access.Role{Name: name}
			if i >= 0 {
				was = roles[i]
			}
			if !access.CanSetRole(by, was, becomes) {
				continue
			}
			if i >= 0 {
				roles[i] = becomes
			} else {
				roles = append(roles, becomes)
			}
		}
		for _, r := range access.Protected() {
			if access.AllowedAnywhere(access.Resolve(roles, me), r, 1) {
				t.Fatalf("holds %s", r)
			}
		}
	})
}

// TestScopesAreConsistent ties Covers, Has, Allowed and Where together.
func TestScopesAreConsistent(t *testing.T) {
	scope := rapid.Custom(func(t *rapid.T) access.Scope {
		some := func(label string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(t, label)
		}
		return access.Scope{Project: rapid.Int64Range(0, 2).Draw(t, "project"), Sites: some("sites"), Teams: some("teams")}
	})
	rapid.Check(t, func(t *rapid.T) {
		outer, inner := scope.Draw(t, "outer"), scope.Draw(t, "inner")
		project := rapid.Int64Range(1, 2).Draw(t, "of")
		site, team := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "site"), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "team")
		if outer.Covers(inner) && inner.Has(project, site, team) && !outer.Has(project, site, team) {
			t.Fatal("covers a scope that has what it has not")
		}
		if !outer.Covers(outer) || !(access.Scope{}).Covers(outer) {
			t.Fatal("a scope covers itself, and everything covers it")
		}
		who := user(5, access.Grant{Role: "viewer", Scope: outer}, access.Grant{Role: "viewer", Scope: inner})
		in := slices.ContainsFunc(access.Where(who, access.ReadRecords, project), func(s access.Scope) bool { return s.Has(project, site, team) })
		if in != access.Allowed(who, access.ReadRecords, project, site, team) {
			t.Fatal("Where and Allowed differ")
		}
	})
}

func TestCanGrant(t *testing.T) {
	admin := user(1, access.Grant{Role: "administrator"})
	local := user(2, access.Grant{Role: "administrator", Scope: access.Scope{Project: 1}})
	for _, c := range []struct {
		name string
		by   access.Actor
		to   int64
		g    access.Grant
		want bool
	}{
		{"to another", admin, 9, access.Grant{Role: "manager"}, true},
		{"to oneself", admin, 1, access.Grant{Role: "viewer"}, false},
		{"within one's project", local, 9, access.Grant{Role: "manager", Scope: access.Scope{Project: 1, Sites: []string{"x"}}}, true},
		{"outside one's project", local, 9, access.Grant{Role: "manager", Scope: access.Scope{Project: 2}}, false},
		{"wider than one's project", local, 9, access.Grant{Role: "manager"}, false},
		{"a viewer gives nothing", user(3, access.Grant{Role: "viewer"}), 9, access.Grant{Role: "viewer"}, false},
		{"a command on the machine", access.Resolve(nil, access.Actor{Kind: access.System}), 1, access.Grant{Role: "administrator"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := access.CanGrant(c.by, c.to, c.g); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestPurposes(t *testing.T) {
	if !(access.Purpose{Code: "referral", Note: "agreed on 3 May"}).Known() {
		t.Error("a purpose of the list is not known")
	}
	long := make([]rune, access.NoteLength+1)
	if (access.Purpose{Code: "curiosity"}).Known() || (access.Purpose{Code: "referral", Note: string(long)}).Known() {
		t.Error("a purpose that is not of the list, or a note too long, passes")
	}
}
