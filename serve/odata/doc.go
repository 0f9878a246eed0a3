// Package odata knows how tables of records and entities are read as OData 4.0: the service document, the
// metadata, feeds with their query options, and a filter language. It must not know how records are kept, nor who
// may see what: the Desk seals what the asker may not read, and a sealed cell leaves here as null.
//
// The addresses, names and shapes are those of ODK Central (.../forms/FORM.svc), so that Power BI, Excel, pyodk
// and ruODK read a form here as they do there. Where this differs, docs/formats/odata.md says so: $filter reaches
// answers too, rows come in the order of arrival, and "@waymark.sealed" names the columns whose cells are null
// because they are sealed.
package odata
