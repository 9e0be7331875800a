const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const
const hours = Array.from({ length: 24 }, (_, hour) => hour)

/** So many shades, the first for none: by the share of the busiest hour. */
const shades = 6

const shadeOf = (count: number, most: number): number =>
  count === 0 ? 0 : Math.min(shades - 1, Math.ceil((count / most) * (shades - 1)))

const Row = ({
  day,
  counts,
  most
}: {
  readonly day: string
  readonly counts: ReadonlyArray<number>
  readonly most: number
}) => (
  <tr>
    <th scope="row">{day}</th>
    {hours.map((hour) => {
      const count = counts[hour] ?? 0
      return (
        <td key={hour} className={`shade-${shadeOf(count, most)}`}>
          {count === 0 ? <span className="unseen">0</span> : count}
        </td>
      )
    })}
  </tr>
)

/** When alerts ask, by weekday and hour of the site's clocks. The numbers stand in the picture: it is a table. */
export const AlarmHeat = ({ heat }: { readonly heat: ReadonlyArray<ReadonlyArray<number>> }) => {
  const most = Math.max(1, ...heat.flat())
  return (
    <figure className="picture">
      <figcaption id="heat-title">Alerts by weekday and hour, by the site’s clocks</figcaption>
      <div className="scroll" tabIndex={0} role="region" aria-labelledby="heat-title">
        <table className="heat">
          <thead>
            <tr>
              <td />
              {hours.map((hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, "0")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, nth) => (
              <Row key={day} day={day} counts={heat[nth] ?? []} most={most} />
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}
