package dataset_test

import (
	"testing"

	"waymark/dataset"
	"waymark/dataset/sourcetest"
)

func TestMemory(t *testing.T) {
	sourcetest.Run(t, func(_ *testing.T, table *dataset.Table) dataset.Source { return dataset.Memory{Table: table} })
}
