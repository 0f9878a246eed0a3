package xlsform

import "waymark/fault"

// What can be wrong with a form; the arguments of each stand beside it. Soft ones say so.
const (
	// The book and its sheets.
	CodeNotText         fault.Code = "xlsform.not-text"          //
	CodeBadText         fault.Code = "xlsform.bad-text"          //
	CodeTooLong         fault.Code = "xlsform.too-long"          // limit
	CodeCellTooLong     fault.Code = "xlsform.cell-too-long"     // limit
	CodeTooDeep         fault.Code = "xlsform.too-deep"          // limit
	CodeNoSurvey        fault.Code = "xlsform.no-survey"         // have: sheets there are
	CodeSheetName       fault.Code = "xlsform.sheet-name"        // sheet: looked for, have: the likely ones; soft
	CodeNoColumn        fault.Code = "xlsform.no-column"         // column: missing from the sheet's header
	CodeColumnTwice     fault.Code = "xlsform.column-twice"      // column
	CodeNoHeader        fault.Code = "xlsform.no-header"         // column: its number
	CodeChoiceColumn    fault.Code = "xlsform.choice-column"     // column; soft
	CodeUnknownEntities fault.Code = "xlsform.entities-column"   // column
	CodeAttributeName   fault.Code = "xlsform.attribute-name"    // name
	CodeNoNamespace     fault.Code = "xlsform.no-namespace"      // prefix
	CodeIDTwice         fault.Code = "xlsform.id-twice"          // soft
	CodeRootName        fault.Code = "xlsform.root-name"         // name
	CodeNoInstanceID    fault.Code = "xlsform.no-instance-id"    //
	CodeDisabled        fault.Code = "xlsform.disabled"          // soft
	CodeRowSkipped      fault.Code = "xlsform.row-skipped"       // soft
	CodeChoiceNoList    fault.Code = "xlsform.choice-no-list"    // name; soft
	CodeSensitivity     fault.Code = "xlsform.sensitivity"       // have
	CodeSensitivitySoft fault.Code = "xlsform.sensitivity-other" // have; soft

	// Rows of the survey.
	CodeNoType          fault.Code = "xlsform.no-type"          // name
	CodeNoName          fault.Code = "xlsform.no-name"          //
	CodeBadName         fault.Code = "xlsform.bad-name"         // name
	CodeNameTwice       fault.Code = "xlsform.name-twice"       // name, row: where it stands first
	CodeNameCase        fault.Code = "xlsform.name-case"        // name, row; soft
	CodeNameMeta        fault.Code = "xlsform.name-meta"        //
	CodeRepeatTwice     fault.Code = "xlsform.repeat-twice"     // name, row
	CodeRepeatRoot      fault.Code = "xlsform.repeat-root"      // name
	CodeRepeatNoLabel   fault.Code = "xlsform.repeat-no-label"  // name; soft
	CodeUnknownType     fault.Code = "xlsform.unknown-type"     // type
	CodeUnmatchedEnd    fault.Code = "xlsform.unmatched-end"    //
	CodeWrongEnd        fault.Code = "xlsform.wrong-end"        // name, row: of what is open
	CodeNotEnded        fault.Code = "xlsform.not-ended"        // name
	CodeNoLabel         fault.Code = "xlsform.no-label"         // name
	CodeEmptyGroup      fault.Code = "xlsform.empty-group"      // name; hard only where Options.Strict asks
	CodeNoLabels        fault.Code = "xlsform.no-labels"        // list, name; hard only where Options.Strict asks
	CodeNoImage         fault.Code = "xlsform.no-image"         // name
	CodeBadMedia        fault.Code = "xlsform.bad-media"        // kind
	CodeAuditName       fault.Code = "xlsform.audit-name"       //
	CodeNoCalculation   fault.Code = "xlsform.no-calculation"   // name
	CodeOldDevice       fault.Code = "xlsform.old-device"       // type; soft
	CodeLoopLarge       fault.Code = "xlsform.loop-large"       // limit
	CodeLoopNoList      fault.Code = "xlsform.loop-no-list"     //
	CodeTableFilter     fault.Code = "xlsform.table-filter"     // name
	CodeTableLists      fault.Code = "xlsform.table-lists"      // list, other
	CodeBackgroundWhen  fault.Code = "xlsform.background-when"  // name
	CodeBackgroundWorks fault.Code = "xlsform.background-works" // name

	// References.
	CodeBadReference    fault.Code = "xlsform.bad-reference"    // column
	CodeUnknownQuestion fault.Code = "xlsform.unknown-question" // question, column
	CodeUnclearQuestion fault.Code = "xlsform.unclear-question" // question, column
	CodeBadTrigger      fault.Code = "xlsform.bad-trigger"      //
	CodeTriggerList     fault.Code = "xlsform.trigger-list"     //
	CodeTriggerHidden   fault.Code = "xlsform.trigger-hidden"   // question, name
	CodeUnknownPath     fault.Code = "xlsform.unknown-path"     // path; soft
	CodeCycle           fault.Code = "xlsform.cycle"            // names

	// Choices.
	CodeNoList          fault.Code = "xlsform.no-list"          // name
	CodeUnknownList     fault.Code = "xlsform.unknown-list"     // list, name
	CodeNoChoices       fault.Code = "xlsform.no-choices"       // sheet, name
	CodeChoiceNoName    fault.Code = "xlsform.choice-no-name"   // list
	CodeChoiceTwice     fault.Code = "xlsform.choice-twice"     // list, name, row
	CodeChoiceSpace     fault.Code = "xlsform.choice-space"     // list, name
	CodeChoiceNoLabel   fault.Code = "xlsform.choice-no-label"  // list, name; soft
	CodeFileEnding      fault.Code = "xlsform.file-ending"      // file
	CodeOtherFilter     fault.Code = "xlsform.other-filter"     // name
	CodeOtherList       fault.Code = "xlsform.other-list"       // name
	CodeOtherLanguages  fault.Code = "xlsform.other-languages"  // soft
	CodeExternalFilter  fault.Code = "xlsform.external-filter"  // name; soft
	CodeSearchFile      fault.Code = "xlsform.search-file"      // name
	CodeSearchList      fault.Code = "xlsform.search-list"      // name, list, others
	CodeInstanceTwice   fault.Code = "xlsform.instance-twice"   // name
	CodeInstanceSources fault.Code = "xlsform.instance-sources" // name, source, other

	// Parameters.
	CodeBadParameters    fault.Code = "xlsform.bad-parameters"    //
	CodeUnknownParameter fault.Code = "xlsform.unknown-parameter" // parameter, known
	CodeParameterNumber  fault.Code = "xlsform.parameter-number"  // parameter
	CodeParameterWhole   fault.Code = "xlsform.parameter-whole"   // parameter
	CodeParameterChoice  fault.Code = "xlsform.parameter-choice"  // parameter, known
	CodeParameterName    fault.Code = "xlsform.parameter-name"    // parameter
	CodeParameterNeeds   fault.Code = "xlsform.parameter-needs"   // parameter, other
	CodeSeed             fault.Code = "xlsform.seed"              //
	CodePackage          fault.Code = "xlsform.package"           //
	CodeMaxPixels        fault.Code = "xlsform.max-pixels"        // soft
	CodeGeometry         fault.Code = "xlsform.geometry"          // have
	CodeRangeZero        fault.Code = "xlsform.range-zero"        // parameter
	CodeRangeWide        fault.Code = "xlsform.range-wide"        // parameter
	CodeRangeStep        fault.Code = "xlsform.range-step"        // parameter
	CodeRangeOutside     fault.Code = "xlsform.range-outside"     // parameter
	CodeRangeLook        fault.Code = "xlsform.range-look"        // parameter
	CodeRangeList        fault.Code = "xlsform.range-list"        // list
	CodeRangeChoice      fault.Code = "xlsform.range-choice"      // list, name
	CodeRangeEnds        fault.Code = "xlsform.range-ends"        // list

	// Entities.
	CodeEntityNoList   fault.Code = "xlsform.entity-no-list"   //
	CodeEntityTwice    fault.Code = "xlsform.entity-twice"     // list, row
	CodeEntityName     fault.Code = "xlsform.entity-name"      // name
	CodeEntityReserved fault.Code = "xlsform.entity-reserved"  // name
	CodeEntityNoID     fault.Code = "xlsform.entity-no-id"     // list
	CodeEntityNoUpdate fault.Code = "xlsform.entity-no-update" // list
	CodeEntityNoLabel  fault.Code = "xlsform.entity-no-label"  // list
	CodeEntityCrowded  fault.Code = "xlsform.entity-crowded"   // list, row: of the one in its place
	CodeEntityScope    fault.Code = "xlsform.entity-scope"     // list, question
	CodeSaveNoEntity   fault.Code = "xlsform.save-no-entity"   //
	CodeSaveGroup      fault.Code = "xlsform.save-group"       //
	CodeSaveTwice      fault.Code = "xlsform.save-twice"       // property, row
	CodeSaveUnknown    fault.Code = "xlsform.save-unknown"     // list
	CodeSaveUnclear    fault.Code = "xlsform.save-unclear"     //
	CodeSaveProperty   fault.Code = "xlsform.save-property"    // property

	// Languages.
	CodeNoLanguageCode     fault.Code = "xlsform.no-language-code"    // language, code; soft
	CodeMissingColumn      fault.Code = "xlsform.missing-column"      // language, columns; soft
	CodeMissingTranslation fault.Code = "xlsform.missing-translation" // language, count; soft

	// What the web form does not show; soft, and only where it is asked for.
	CodeWebType       fault.Code = "xlsform.web-type"       // type, name
	CodeWebAppearance fault.Code = "xlsform.web-appearance" // appearance, name
	CodeWebLastSaved  fault.Code = "xlsform.web-last-saved" // name
	CodeWebGuidance   fault.Code = "xlsform.web-guidance"   // name
	CodeWebPages      fault.Code = "xlsform.web-pages"      //
	CodeWebEncryption fault.Code = "xlsform.web-encryption" //
	CodeWebSearch     fault.Code = "xlsform.web-search"     // name
)
