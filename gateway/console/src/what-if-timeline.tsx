import type { Replayed } from "./replay-wire.ts"
import { isNumbered, type Mark, marksOf } from "./timeline-marks.ts"

/** The picture's own units; it is scaled to the width that there is. At its right the last mark's number has room. */
const size = { width: 1000, left: 118, right: 40, lane: 54, top: 10, axis: 26 }

type Kind = Mark["kind"]

const scaleOf = ({ from, to }: Replayed): ((instant: string) => number) => {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const wide = size.width - size.left - size.right
  return (instant) => size.left + (wide * (Date.parse(instant) - begin)) / Math.max(1, end - begin)
}

/** Where in its lane a kind is drawn, so that none hides another. */
const heights: Readonly<Record<Kind, number>> = { unchanged: 36, moved: 22, removed: 10, added: 10 }

const middle = ({ kind, course }: Mark): number => size.top + (course === "recorded" ? 0 : size.lane) + heights[kind]

/** Shape and colour say the same: ✕ gone, ▲ new, ◆ moved, a dot as it was. */
const Shape = ({ kind, x, y }: { readonly kind: Kind; readonly x: number; readonly y: number }) => {
  switch (kind) {
    case "removed":
      return <path d={`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} className="mark-removed" />
    case "added":
      return <path d={`M${x} ${y - 6}l6.5 11h-13z`} className="mark-added" />
    case "moved":
      return <path d={`M${x} ${y - 6}l6 6l-6 6l-6 -6z`} className="mark-moved" />
    case "unchanged":
      return <circle cx={x} cy={y} r={3.2} className="mark-unchanged" />
  }
}

const legend: ReadonlyArray<readonly [Kind, string]> = [
  ["removed", "called no more"],
  ["added", "called anew"],
  ["moved", "at another time or priority"],
  ["unchanged", "as it was"]
]

interface TimelineProps {
  readonly replayed: Replayed
  readonly timeZone: string
  readonly shown: (at: string) => string
}

/** Both courses below one another over the same time. What it shows is told in words and rows beside it, too. */
export const WhatIfTimeline = ({ replayed, timeZone, shown }: TimelineProps) => {
  const marks = marksOf(replayed.timeline, scaleOf(replayed))
  const { added, removed, moved, unchanged } = replayed.difference
  const height = size.top + 2 * size.lane + size.axis
  const middleAt = new Date((Date.parse(replayed.from) + Date.parse(replayed.to)) / 2).toISOString()
  const label = `Two timelines, as recorded and as changed: ${removed} called no more, ${added} called anew, ${moved} moved, ${unchanged} as they were.`
  return (
    <figure className="what-if-timeline">
      <svg viewBox={`0 0 ${size.width} ${height}`} role="img" aria-label={label}>
        {(["As recorded", "As changed"] as const).map((name, lane) => (
          <g key={name}>
            <rect
              x={size.left}
              y={size.top + lane * size.lane}
              width={size.width - size.left - size.right}
              height={46}
              rx={4}
            />
            <text x={0} y={size.top + lane * size.lane + 28}>
              {name}
            </text>
          </g>
        ))}
        {marks.map((mark) => (
          <g key={`${mark.course} ${mark.kind} ${mark.x}`}>
            <Shape kind={mark.kind} x={mark.x} y={middle(mark)} />
            {isNumbered(mark) && (
              <text className="mark-count" x={mark.x + 7} y={middle(mark) + 4}>
                {mark.count}
              </text>
            )}
          </g>
        ))}
        <text className="axis" x={size.left} y={height - 6}>
          {shown(replayed.from)}
        </text>
        <text className="axis" x={(size.left + size.width - size.right) / 2} y={height - 6} textAnchor="middle">
          {shown(middleAt)}
        </text>
        <text className="axis" x={size.width - size.right} y={height - 6} textAnchor="end">
          {shown(replayed.to)}
        </text>
      </svg>
      <figcaption>
        {legend.map(([kind, words]) => (
          <span key={kind}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <Shape kind={kind} x={8} y={8} />
            </svg>
            {words}
          </span>
        ))}
        <span>A number: so many, from there on to the next mark.</span>
        <span>Times by the clocks of {timeZone}.</span>
      </figcaption>
    </figure>
  )
}
