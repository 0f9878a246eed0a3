// Package api knows the addresses and shapes by which programs work with projects, forms, records and entities. It
// must not know how records are kept, nor decide who may do what: the Desk does.
//
// Addresses, JSON and numbers of problems are those of ODK Central v1, as far as docs/formats/central-api.md lists
// them, so that pyodk, ruODK and scripts written for Central work unchanged. What is kept from them is told, not
// left out in silence: answers of a record as XML need the right to restricted answers, and where strict ones are in
// it an opening, named in the header X-Waymark-Opening.
package api
