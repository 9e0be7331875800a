import { useId } from "react"
import { priorityWord } from "./words.ts"
import type { Alert } from "./wire.ts"
import "./badge.css"

const shapes = {
  1: "M16 1.5 30.5 16 16 30.5 1.5 16Z",
  2: "M16 2.5 30.5 29 1.5 29Z",
  3: "M3 3H29V29H3Z",
  4: "M16 2A14 14 0 1 1 15.99 2Z"
} as const

const looks = (alert: Alert): "new" | "answered" | "returned" => {
  if (alert.acknowledged) return "answered"
  return alert.active ? "new" : "returned"
}

/**
 * Priority as shape, number and colour. Filled: unacknowledged. Outline: acknowledged. Hatched with a dashed edge:
 * back to normal, not acknowledged.
 */
export const Badge = ({ alert, large = false }: { readonly alert: Alert; readonly large?: boolean }) => {
  const hatch = useId()
  const look = looks(alert)
  const shape = shapes[alert.priority]
  const low = alert.priority === 2
  return (
    <svg
      className={`badge priority-${alert.priority} look-${look}${large ? " large" : ""}`}
      viewBox="0 0 32 32"
      role="img"
      aria-label={`${priorityWord[alert.priority]} priority`}
    >
      {look === "returned" && (
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className="hatch-ground" width="5" height="5" />
          <rect className="hatch-line" width="2.4" height="5" />
        </pattern>
      )}
      <path className="shape" d={shape} {...(look === "returned" ? { fill: `url(#${hatch})` } : {})} />
      {look === "answered" && (
        <path
          className="hole"
          d={shape}
          transform={`translate(16 ${low ? 20 : 16}) scale(.68) translate(-16 ${low ? -20 : -16})`}
        />
      )}
      {look === "returned" && <circle className="plate" cx="16" cy={low ? 21 : 16} r="7" />}
      <text className="number" x="16" y={low ? 26.5 : 21} textAnchor="middle">
        {alert.priority}
      </text>
    </svg>
  )
}
