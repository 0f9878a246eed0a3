// Package carto knows how to draw cleared tables as maps of countries: shaded areas and proportional circles,
// in Equal Earth or Mercator, of the world or of the part of it that the data lie in. It must not know files,
// pages, or any table that was not cleared.
//
// Invariants:
//
//  1. Every map carries the boundary disclaimer of package lang, inside the drawing and in its description. No
//     option takes it off.
//  2. A map without a recorded Clearance carries the stamp "draft, not cleared". United Nations Secretariat
//     maps need clearance before they are issued, on the Internet too (ST/AI/189/Add.25/Rev.1).
//  3. Classes, circles and the window of the map are computed from shown cells (where there is none, from
//     which countries the table names); never from a number that is withheld.
//  4. Boundaries are drawn in the style that package place gives them: solid, dashed or dotted.
package carto
