package design

import "slices"

// FlowsFromStocks estimates moves between places from two tables of stocks, by the closed method of Abel (2013):
// start and end count people by birthplace (row) and residence (column) at two dates, seed weighs the moves
// between places (row origin, column destination).
//
// For each birthplace the moves are the table nearest to the seed whose rows add to start and whose columns add
// to end. With stay, as many people as both dates allow are taken to have stayed, and only the rest moves: the
// fewest moves that explain the stocks. Without it, moves are independent given the seed (Azose and Raftery 2019
// mix the two). Each birthplace must have one total at both dates: births, deaths and moves out of the
// system are to be taken off first. The result is by birthplace, origin and destination.
func FlowsFromStocks(start, end, seed [][]float64, stay bool) ([][][]float64, error) {
	n := len(start)
	if n == 0 || len(end) != n || len(seed) != n {
		return nil, of(CodeTable, "stocks")
	}
	for k := range n {
		if len(start[k]) != n || len(end[k]) != n || len(seed[k]) != n {
			return nil, of(CodeTable, "stocks")
		}
	}
	out := make([][][]float64, n)
	for k := range n {
		cells := slices.Concat(seed...)
		rows, columns := slices.Clone(start[k]), slices.Clone(end[k])
		stayed := make([]float64, n)
		if stay {
			for i := range n {
				stayed[i] = min(rows[i], columns[i])
				rows[i], columns[i] = rows[i]-stayed[i], columns[i]-stayed[i]
				cells[i*n+i] = 0
			}
		}
		fit, err := FitTable(Table{Dims: []int{n, n}, Cells: cells}, []TableMargin{{Axes: []int{0}, Totals: rows}, {Axes: []int{1}, Totals: columns}}, FitOptions{})
		if err != nil {
			return nil, err
		}
		out[k] = make([][]float64, n)
		for i := range n {
			out[k][i] = fit.Cells[i*n : (i+1)*n]
			out[k][i][i] += stayed[i]
		}
	}
	return out, nil
}
