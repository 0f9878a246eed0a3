package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	mathrand "math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waymark/collect"
	"waymark/fault"
	"waymark/serve/openrosa"
	"waymark/serve/route"
	"waymark/serve/web"
	"waymark/store/blob"
	"waymark/store/sqlite"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// demo is a server with a project as a mission has it: forms, devices, forty invented submissions, doubts about some of
// them, and things that wait for somebody.
type demo struct {
	*collect.Desk
	t       testing.TB
	url     string
	routes  []route.Route
	project int64
	phones  []access.Actor
	people  map[string]access.Actor
	ids     map[string]string // what addresses name: a record, an entity, something held
	routing *httptest.Server

	lock sync.Mutex
	now  time.Time
}

const demoPassword = "four unrelated words here"

var background = context.Background()

func (d *demo) clock() time.Time {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.now
}

func (d *demo) at(t time.Time) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.now = t
}

func (d *demo) must(err error) {
	d.t.Helper()
	if err != nil {
		for _, i := range fault.Of(err) {
			d.t.Logf("%s %v %v", i.Code, i.Place, i.Args)
		}
		d.t.Fatal(err)
	}
}

var demoNow = time.Date(2026, 11, 22, 16, 40, 0, 0, time.UTC)

// newDemo makes the server and everything on it, through the Desk's own calls.
func newDemo(t testing.TB) *demo {
	t.Helper()
	d := &demo{t: t, people: map[string]access.Actor{}, ids: map[string]string{}, now: demoNow.AddDate(0, 0, -12)}
	dir := t.TempDir()
	keys := seal.NewMaster().Keys()
	store, err := sqlite.Open(background, filepath.Join(dir, "waymark.db"), keys.Subkey("sqlite"), collect.ChainKey(keys))
	d.must(err)
	t.Cleanup(func() { store.Close() })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	d.must(err)
	d.Desk, err = collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys, Now: d.clock})
	d.must(err)
	root := access.Actor{Kind: access.System}
	p, err := d.AddProject(background, root, collect.Project{Name: "Flow monitoring, northern corridor", Note: "Interviews and counts at three flow monitoring points.", Language: "fr", RetainDays: 730})
	d.must(err)
	d.project = p.ID
	_, err = d.AddProject(background, root, collect.Project{Name: "Training of enumerators", Language: "fr", Training: true, RetainDays: 30})
	d.must(err)
	for _, role := range []string{"administrator", "manager", "reviewer", "viewer", "officer"} {
		scope := access.Scope{}
		if role == "reviewer" || role == "viewer" {
			scope = access.Scope{Project: p.ID}
		}
		name := strings.ToUpper(role[:1]) + role[1:]
		_, err := d.AddUser(background, root, collect.User{Email: role + "@example.org", Name: name, Language: "en", Grants: []access.Grant{{Role: role, Scope: scope}}}, demoPassword)
		d.must(err)
		_, _, actor, err := d.SignInAs(background, role+"@example.org", "test")
		d.must(err)
		d.people[role] = actor
	}
	_, err = d.AddUser(background, root, collect.User{Email: "elsewhere@example.org", Name: "Elsewhere", Language: "en", Grants: []access.Grant{{Role: "manager", Scope: access.Scope{Project: p.ID + 1}}}}, demoPassword)
	d.must(err)
	d.forms()
	d.records()
	d.doubts()
	d.at(demoNow)
	all := web.Routes(d.Desk, web.Options{Zone: time.UTC, Now: d.clock, WebForms: true, Runner: invented{},
		Phone: func(at web.PhoneAt, p collect.Project) []byte {
			return []byte(openrosa.Settings{URL: at.Address, Username: at.Name, Password: at.Password, Project: p.Name}.Payload())
		}})
	d.routes = all
	secret := make([]byte, 32)
	_, err = rand.Read(secret)
	d.must(err)
	d.routing = httptest.NewServer(route.Mux(all, route.Options{Desk: d.Desk, Secret: secret}))
	t.Cleanup(d.routing.Close)
	d.url = d.routing.URL
	return d
}

const surveyRows = `
| survey |
|  | type | name | label::English (en) | label::Français (fr) | hint::English (en) | hint::Français (fr) | relevant | required | constraint | bind::waymark:sensitivity |
|  | start | start | | | | | | | | |
|  | end | end | | | | | | | | |
|  | begin_group | where | Where we are | Où nous sommes | | | | | | |
|  | select_one points | site | Flow monitoring point | Point de suivi des flux | | | | yes | | |
|  | geopoint | gps | Position of the interview | Position de l’entretien | Stay within the area of the point | Restez dans la zone du point | | | | |
|  | end_group | | | | | | | | | |
|  | begin_group | person | The person | La personne | | | | | | |
|  | select_one sexes | sex | Sex | Sexe | | | | yes | | |
|  | integer | age | Age in years | Âge en années | | | | yes | . >= 0 and . < 120 | |
|  | select_one countries | nationality | Nationality | Nationalité | | | | | | |
|  | select_one countries | departure | Country of departure | Pays de départ | | | | | | |
|  | select_one countries | destination | Country of intended destination | Pays de destination envisagée | | | | | | |
|  | end_group | | | | | | | | | |
|  | begin_group | journey | The journey | Le trajet | | | | | | |
|  | select_multiple reasons | reasons | Reasons for the journey | Raisons du déplacement | Read none aloud; tick all that are named | Ne lisez rien à voix haute ; cochez toutes celles qui sont citées | | | | |
|  | integer | group_size | How many people travel together? | Combien de personnes voyagent ensemble ? | | | | | | |
|  | select_one means | means | Means of transport | Moyen de transport | | | | | | |
|  | begin_repeat | child | Child travelling along | Enfant du voyage | | | ${group_size} > 1 | | | |
|  | integer | child_age | Age of the child | Âge de l’enfant | | | | | | |
|  | select_one sexes | child_sex | Sex of the child | Sexe de l’enfant | | | | | | |
|  | end_repeat | | | | | | | | | |
|  | end_group | | | | | | | | | |
|  | begin_group | protection | Protection | Protection | | | | | | |
|  | select_one yesno | unpaid | Have you worked without the pay you were promised? | Avez-vous travaillé sans recevoir le salaire promis ? | | | selected(${reasons}, 'work') and ${age} >= 14 | | | strict |
|  | select_one yesno | help | Do you need medical help now? | Avez-vous besoin d’une aide médicale maintenant ? | | | | | | restricted |
|  | text | phone | Phone number for the referral, if the person agrees | Numéro de téléphone pour l’orientation, si la personne est d’accord | | | ${help} = 'yes' | | | |
|  | text | remarks | Remarks of the enumerator | Remarques de l’enquêteur | Write no name | N’écrivez aucun nom | | | | internal |
|  | image | sign | Photo of the bus company’s sign | Photo de l’enseigne de la compagnie de bus | No people | Pas de personnes | | | | |
|  | note | thanks | Thank the person for the time given. | Remerciez la personne pour le temps accordé. | | | | | | |
|  | end_group | | | | | | | | | |
| choices |
|  | list_name | name | label::English (en) | label::Français (fr) |
|  | points | NE01 | Northern bus station | Gare routière nord |
|  | points | NE02 | Border crossing | Poste-frontière |
|  | points | NE03 | Market of the well | Marché du puits |
|  | sexes | female | Female | Féminin |
|  | sexes | male | Male | Masculin |
|  | countries | NER | Niger | Niger |
|  | countries | NGA | Nigeria | Nigéria |
|  | countries | MLI | Mali | Mali |
|  | countries | DZA | Algeria | Algérie |
|  | countries | LBY | Libya | Libye |
|  | reasons | work | Work | Travail |
|  | reasons | family | Joining family | Rejoindre la famille |
|  | reasons | conflict | Conflict or violence | Conflit ou violence |
|  | reasons | drought | Drought or flood | Sécheresse ou inondation |
|  | reasons | study | Studies | Études |
|  | means | bus | Bus | Autocar |
|  | means | pickup | Pick-up truck | Pick-up |
|  | means | foot | On foot | À pied |
|  | yesno | yes | Yes | Oui |
|  | yesno | no | No | Non |
|  | yesno | refused | Prefers not to say | Préfère ne pas répondre |
| settings |
|  | form_title | form_id | version | default_language |
|  | Flow monitoring survey | fms | VERSION | Français (fr) |
`

const arabicRows = `
| survey |
|  | type | name | label::العربية (ar) | label::Français (fr) | relevant |
|  | note | intro | السلام عليكم. نود أن نسألكم عن الموقع. | Bonjour. Nous souhaitons vous poser des questions sur le site. | |
|  | select_one kinds | kind | ما نوع الموقع؟ | Quel est le type de site ? | |
|  | integer | families | كم عدد الأسر في الموقع؟ | Combien de ménages vivent sur le site ? | |
|  | select_multiple needs | needs | ما هي الاحتياجات الأكثر إلحاحا؟ | Quels sont les besoins les plus urgents ? | ${families} > 0 |
|  | text | water | من أين يأتي الماء؟ | D’où vient l’eau ? | selected(${needs}, 'water') |
|  | date | since | منذ متى يوجد الموقع؟ | Depuis quand le site existe-t-il ? | |
| choices |
|  | list_name | name | label::العربية (ar) | label::Français (fr) |
|  | kinds | camp | مخيم | Camp |
|  | kinds | informal | تجمع غير رسمي | Installation informelle |
|  | kinds | host | مجتمع مضيف | Communauté d’accueil |
|  | needs | water | الماء | Eau |
|  | needs | food | الغذاء | Nourriture |
|  | needs | health | الرعاية الصحية | Santé |
| settings |
|  | form_title | form_id | version | default_language |
|  | Visite de site | site_visit | 1 | العربية (ar) |
`

// forms publishes two versions and leaves a draft of a third, and a form in Arabic.
func (d *demo) forms() {
	m := d.people["manager"]
	publish := func(id, name, text string) {
		_, err := d.UploadForm(background, m, d.project, name, []byte(text))
		d.must(err)
		_, err = d.Publish(background, m, d.project, id, "")
		d.must(err)
	}
	first := strings.Replace(strings.Replace(surveyRows, "VERSION", "2026-10", 1), "|  | means | foot | On foot | À pied |\n", "", 1)
	publish("fms", "survey.md", strings.Replace(first, "Reasons for the journey", "Why do you travel?", 1))
	publish("fms", "survey.md", strings.Replace(surveyRows, "VERSION", "2026-11", 1))
	d.must(d.SetForm(background, m, d.project, "fms", collect.Open, true))
	publish("site_visit", "visite.md", arabicRows)
	draft := strings.Replace(strings.Replace(surveyRows, "VERSION", "2026-12", 1), "|  | means | bus | Bus | Autocar |", "|  | means | bus | Bus or coach | Autocar |\n|  | means | plane | Aeroplane | |", 1)
	_, err := d.UploadForm(background, m, d.project, "survey 2026-12.md", []byte(draft))
	d.must(err)
	for n, team := range []string{"Bus station", "Border", "Market"} {
		made, token, _, err := d.AddDevice(background, m, collect.Device{Project: d.project, Name: fmt.Sprintf("Phone %d", n+1), Team: team, Site: fmt.Sprintf("NE%02d", n+1)})
		d.must(err)
		actor, _, err := d.DeviceByToken(background, token)
		d.must(err)
		d.phones = append(d.phones, actor)
		d.ids["device"] = fmt.Sprint(made.ID)
	}
	_, _, _, err = d.AddDevice(background, m, collect.Device{Project: d.project, Name: "Link for partners", Web: true, Forms: []string{"fms"}})
	d.must(err)
	d.must(d.SetEntityList(background, m, d.project, collect.EntityList{Project: d.project, Name: "points", Properties: []string{"code", "kind", "district"}}))
	for n, name := range []string{"Northern bus station", "Border crossing", "Market of the well"} {
		e, err := d.PutEntity(background, m, d.project, collect.Entity{List: "points", Label: name, Data: map[string]string{"code": fmt.Sprintf("NE%02d", n+1), "kind": []string{"station", "border", "market"}[n], "district": "North"}}, 0)
		d.must(err)
		d.ids["entity"] = e.ID
		if n == 2 {
			e.Data["kind"] = "weekly market"
			_, err = d.PutEntity(background, m, d.project, e, e.Version)
			d.must(err)
		}
	}
	hook, _, err := d.AddHook(background, m, collect.Hook{Project: d.project, URL: "https://hooks.example.org/waymark", Events: []string{"record.accepted", "record.reviewed"}})
	d.must(err)
	d.ids["hook"] = fmt.Sprint(hook.ID)
}

// picture is a small photograph of nothing.
func picture() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 12, 8)))
	return b.Bytes()
}

// body writes an invented submission.
func body(r *mathrand.Rand, n int, id, old string, age int, when time.Time) []byte {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	point := n % 3
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="fms" version="2026-11"><start>%s</start><end>%s</end>`,
		when.Format(time.RFC3339), when.Add(time.Duration(6+r.IntN(14))*time.Minute).Format(time.RFC3339))
	fmt.Fprintf(&b, `<where><site>NE%02d</site><gps>%.5f %.5f 410 6</gps></where>`, point+1, 19.1+float64(point)/2+r.Float64()/100, 7.9+float64(point)/2+r.Float64()/100)
	fmt.Fprintf(&b, `<person><sex>%s</sex><age>%d</age><nationality>%s</nationality><departure>%s</departure><destination>%s</destination></person>`,
		pick("female", "male", "male"), age, pick("NER", "NGA", "MLI"), pick("NER", "NGA", "MLI"), pick("DZA", "LBY", "NER"))
	size := 1 + r.IntN(4)
	work := pick("work", "work family", "conflict", "drought work", "study")
	fmt.Fprintf(&b, `<journey><reasons>%s</reasons><group_size>%d</group_size><means>%s</means>`, work, size, pick("bus", "pickup", "foot"))
	for range size - 1 {
		fmt.Fprintf(&b, `<child><child_age>%d</child_age><child_sex>%s</child_sex></child>`, 1+r.IntN(15), pick("female", "male"))
	}
	b.WriteString(`</journey><protection>`)
	if strings.Contains(work, "work") && age >= 14 {
		fmt.Fprintf(&b, `<unpaid>%s</unpaid>`, pick("yes", "no", "no", "refused"))
	}
	help := pick("yes", "no", "no", "no")
	fmt.Fprintf(&b, `<help>%s</help>`, help)
	if help == "yes" {
		b.WriteString(`<phone>+227 00 00 00 00</phone>`)
	}
	if n%5 == 0 {
		b.WriteString(`<remarks>Interview interrupted by the departure of the bus.</remarks>`)
	}
	if n%8 == 0 {
		fmt.Fprintf(&b, `<sign>sign-%d.png</sign>`, n)
	}
	b.WriteString(`</protection><orx:meta>`)
	if old != "" {
		fmt.Fprintf(&b, `<orx:deprecatedID>%s</orx:deprecatedID>`, old)
	}
	fmt.Fprintf(&b, `<orx:instanceID>%s</orx:instanceID></orx:meta></data>`, id)
	return []byte(b.String())
}

func instanceID(n int) string { return fmt.Sprintf("uuid:7b1c2d30-0000-4000-8000-%012d", n) }

// records sends forty submissions over ten days, one of them edited, and two that cannot be taken.
func (d *demo) records() {
	r := mathrand.New(mathrand.NewPCG(11, 22))
	send := func(n int, s collect.Sent) error {
		s.Project, s.Form, s.Language = d.project, "fms", "fr"
		_, err := d.Accept(background, d.phones[n%3], s)
		return err
	}
	var last []byte
	for n := range 40 {
		when := demoNow.Add(-time.Duration(math.Pow(float64(39-n), 1.4)*1.3*float64(time.Hour)) - 20*time.Minute)
		d.at(when.Add(18 * time.Minute))
		s := collect.Sent{Raw: body(r, n, instanceID(n), "", 12+r.IntN(45), when)}
		if n == 35 {
			s.Raw = bytes.Replace(s.Raw, []byte("</age>"), []byte("9</age>"), 1) // an age of some hundred years
		}
		if n%8 == 0 && n > 0 {
			f, err := d.KeepFile(background, fmt.Sprintf("sign-%d.png", n), "image/png", bytes.NewReader(picture()))
			d.must(err)
			s.Files = []collect.File{f}
		}
		if n == 30 {
			s.Raw = bytes.Replace(last, []byte(instanceID(29)), []byte(instanceID(30)), 1)
		}
		d.must(send(n, s))
		last = s.Raw
	}
	d.at(demoNow.Add(-3 * time.Hour))
	edited := body(mathrand.New(mathrand.NewPCG(3, 4)), 20, instanceID(920), instanceID(20), 27, demoNow.Add(-90*time.Hour))
	_, err := d.Accept(background, d.people["manager"], collect.Sent{Project: d.project, Form: "fms", Raw: edited})
	d.must(err)
	d.ids["instance"] = instanceID(39)
	d.ids["edited"] = instanceID(20)
	other := body(mathrand.New(mathrand.NewPCG(5, 6)), 38, instanceID(38), "", 31, demoNow.Add(-4*time.Hour))
	if err := send(38, collect.Sent{Raw: other}); !errors.Is(err, fault.Conflict) {
		d.t.Fatalf("another body of the same id: %v", err)
	}
	if err := send(39, collect.Sent{Raw: last[:len(last)/2]}); !errors.Is(err, fault.Invalid) {
		d.t.Fatalf("half a body: %v", err)
	}
	held, err := d.Quarantine(background, d.people["manager"], d.project)
	d.must(err)
	if len(held) != 2 {
		d.t.Fatalf("%d in quarantine", len(held))
	}
	for _, q := range held {
		d.ids["held"] = fmt.Sprint(q.ID)
		if q.Instance != "" {
			d.ids["clash"] = fmt.Sprint(q.ID)
		}
	}
}

// doubts reviews some submissions, comments, asks for openings and grants one.
func (d *demo) doubts() {
	d.at(demoNow.Add(-time.Hour))
	m, officer := d.people["manager"], d.people["officer"]
	for n := range 24 {
		state := collect.Approved
		if n%9 == 4 {
			state = collect.HasIssues
		}
		if n%13 == 7 {
			state = collect.Rejected
		}
		d.must(d.SetReview(background, m, d.project, "fms", instanceID(n), state, ""))
	}
	d.must(d.AddComment(background, m, d.project, "fms", instanceID(39), "The place of the interview was checked with the team."))
	d.must(d.RaiseFlag(background, m, d.project, "fms", instanceID(39), "The team says that the bus left early."))
	_, err := d.AskOpening(background, officer, d.project, "fms", instanceID(39), access.Purpose{Code: "referral", Note: "The person agreed to a referral to the clinic."})
	d.must(err)
	o, err := d.AskOpening(background, m, d.project, "fms", instanceID(20), access.Purpose{Code: "correction", Note: "The team asked for a correction."})
	d.must(err)
	d.must(d.GrantOpening(background, officer, d.project, o.ID, collect.Allow))
	d.ids["opening"] = o.ID
	flags, err := d.Flags(background, m, d.project, "fms", "")
	d.must(err)
	if len(flags) == 0 {
		d.t.Fatal("no rule raised a flag")
	}
	d.ids["flag"] = fmt.Sprint(flags[0].ID)
}

// invented runs a plan that says nothing of anybody.
type invented struct{}

func (invented) Plans() []web.Plan {
	return []web.Plan{{Name: "flow.yaml", Title: map[string]string{"en": "Who passes, and why", "fr": "Qui passe, et pourquoi"}}}
}

func (invented) Run(context.Context, access.Actor, int64, string, string) (web.Report, error) {
	page := func(tag, title string) []byte {
		return []byte(`<!DOCTYPE html><html lang="` + tag + `"><head><meta charset="utf-8"><title>` + title + `</title><style>h1 { color: #0b3a5b; }</style></head><body><main><h1>` + title + `</h1></main></body></html>`)
	}
	return web.Report{Pages: map[string][]byte{"en": page("en", "A report"), "fr": page("fr", "Un rapport")}}, nil
}
