package collect

// compileSheets makes the bytes that phones get of a workbook or of sheets in plain text.
func (v *Version) compileSheets(name string, file []byte) error { return errUnbuilt }
