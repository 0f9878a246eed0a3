package xlsform

// checkWeb reports what the page of the web does not show.
func (c *compiler) checkWeb() {}
