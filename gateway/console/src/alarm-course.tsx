import type { Priority } from "../../domain/alert.ts"
import type { Bin } from "./alarm-health-wire.ts"
import { priorityWord } from "./words.ts"

/** The picture's own units; it is drawn as wide as there is room. */
const width = 720
const height = 200
const margin = { left: 36, right: 4, top: 8, bottom: 26 }
const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }

/** From the bottom up: the gravest stands on the line, where its length is read best. */
const layers: ReadonlyArray<Priority> = [1, 2, 3, 4]

/** Steps of 1, 2 or 5 times a power of ten, some four of them. */
const stepFor = (most: number): number => {
  const rough = Math.max(1, most / 4)
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power
}

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((total, one) => total + one, 0)

interface CourseProps {
  readonly bins: ReadonlyArray<Bin>
  readonly minutes: number
  readonly timeZone: string
}

/** When a column begins, as short as its length allows. */
const labelsOf = (minutes: number, timeZone: string) => {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  const day = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", day: "numeric", month: "short" })
  const both = (at: Date): string => `${day.format(at)} ${time.format(at)}`
  return { short: minutes <= 60 ? time : day, whole: minutes < 1440 ? both : (at: Date) => day.format(at) }
}

const Column = ({ bin, x, wide, tall }: ColumnProps) => {
  let top = margin.top + plot.height
  return (
    <g>
      {layers.map((priority) => {
        const long = (bin.counts[priority - 1] ?? 0) * tall
        top -= long
        return long === 0 ? undefined : (
          <rect key={priority} className={`bar p${priority}`} x={x} y={top} width={wide} height={long} />
        )
      })}
    </g>
  )
}

interface ColumnProps {
  readonly bin: Bin
  readonly x: number
  readonly wide: number
  readonly tall: number
}

/** How many alerts asked, column by column; for those who cannot see it the table beneath says the same. */
const Picture = ({ bins, minutes, timeZone }: CourseProps) => {
  const most = Math.max(1, ...bins.map(({ counts }) => sum(counts)))
  const step = stepFor(most)
  const top = Math.ceil(most / step) * step
  const pitch = plot.width / bins.length
  const { short } = labelsOf(minutes, timeZone)
  const every = Math.max(1, Math.ceil(bins.length / 8))
  const yOf = (value: number): number => margin.top + plot.height * (1 - value / top)
  return (
    <svg className="course" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      {Array.from({ length: top / step + 1 }, (_, nth) => nth * step).map((value) => (
        <g key={value}>
          <line className="grid" x1={margin.left} x2={width - margin.right} y1={yOf(value)} y2={yOf(value)} />
          <text className="axis" x={margin.left - 6} y={yOf(value) + 4} textAnchor="end">
            {value}
          </text>
        </g>
      ))}
      {bins.map((bin, nth) => (
        <Column
          key={bin.at}
          bin={bin}
          x={margin.left + nth * pitch + Math.min(1.5, pitch * 0.1)}
          wide={Math.max(1, pitch - Math.min(3, pitch * 0.2))}
          tall={plot.height / top}
        />
      ))}
      {bins.map((bin, nth) =>
        nth % every === 0 && nth * pitch < plot.width - 60 ? (
          <text
            key={bin.at}
            className={(nth / every) % 2 === 1 ? "axis minor" : "axis"}
            x={margin.left + nth * pitch}
            y={height - 8}
          >
            {short.format(new Date(bin.at))}
          </text>
        ) : undefined
      )}
    </svg>
  )
}

/** The same as numbers; times without alerts are left out. */
const Numbers = ({ bins, minutes, timeZone }: CourseProps) => {
  const { whole } = labelsOf(minutes, timeZone)
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">From</th>
          {layers.map((priority) => (
            <th key={priority} scope="col">
              {priorityWord[priority]}
            </th>
          ))}
          <th scope="col">All</th>
        </tr>
      </thead>
      <tbody>
        {bins
          .filter(({ counts }) => sum(counts) > 0)
          .map(({ at, counts }) => (
            <tr key={at}>
              <th scope="row">{whole(new Date(at))}</th>
              {layers.map((priority) => (
                <td key={priority}>{counts[priority - 1]}</td>
              ))}
              <td>{sum(counts)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

const lengthWords = (minutes: number): string => (minutes < 1440 ? `${minutes / 60} h` : "day")

/** The course of alerts over the span: a picture, and a table that says the same. */
export const AlarmCourse = (props: CourseProps) => (
  <figure className="picture">
    <figcaption>
      Alerts in each {lengthWords(props.minutes)}
      <span className="legend">
        {layers.map((priority) => (
          <span key={priority}>
            <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
              <rect className={`bar p${priority}`} width="12" height="12" />
            </svg>
            {priorityWord[priority]}
          </span>
        ))}
      </span>
    </figcaption>
    <Picture {...props} />
    <details>
      <summary>As a table</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="Alerts by time, as a table">
        <Numbers {...props} />
      </div>
    </details>
  </figure>
)
