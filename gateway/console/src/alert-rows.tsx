import {
  defaultRangeExtractor,
  useVirtualizer,
  useWindowVirtualizer,
  type Range,
  type Virtualizer
} from "@tanstack/react-virtual"
import { useLayoutEffect, useRef, useState, type RefObject } from "react"
import { type GroupActs, GroupRow, type Line } from "./alert-groups.tsx"
import { AlertRow, type RowProps } from "./alert-row.tsx"
import type { Alert } from "./wire.ts"

/** A row of four lines, pixels; each is measured once it is drawn. */
const rowPx = 98

export const rowClass = (alert: Alert): string => (alert.acknowledged ? "row answered" : "row")

interface RowsProps extends Omit<RowProps, "alert" | "selected">, GroupActs {
  readonly lines: ReadonlyArray<Line>
  readonly selected: string | undefined
  /** What scrolls on a desk. */
  readonly scroller: RefObject<HTMLElement | null>
  /** The page itself scrolls. */
  readonly phone: boolean
}

/** What is on screen, the selected row and its neighbours: those the keys go to. */
const drawnOf = (range: Range, selected: number): Array<number> => {
  const near = selected === -1 ? [] : [selected - 1, selected, selected + 1]
  const all = new Set([...defaultRangeExtractor(range), ...near.filter((at) => at >= 0 && at < range.count)])
  return [...all].sort((a, b) => a - b)
}

const classOf = (line: Line): string =>
  "group" in line ? "group" : `${rowClass(line.alert)}${line.inGroup === "yes" ? " in-group" : ""}`

const optionsOf = ({ lines, selected }: RowsProps) => {
  const at = lines.findIndex(({ id }) => id === selected)
  return {
    count: lines.length,
    estimateSize: () => rowPx,
    getItemKey: (index: number) => lines[index]?.id ?? index,
    overscan: 6,
    rangeExtractor: (range: Range) => drawnOf(range, at)
  }
}

type Drawn = Pick<
  Virtualizer<HTMLElement, HTMLElement> | Virtualizer<Window, HTMLElement>,
  "getTotalSize" | "getVirtualItems"
> & { readonly measureElement: (row: HTMLElement | null) => void; readonly marginPx: number }

const Rows = ({ props, drawn }: { readonly props: RowsProps; readonly drawn: Drawn }) => {
  const { lines, selected, scroller: _scroller, phone: _phone, onToggle, onAcknowledge, ...row } = props
  return (
    <ul className="rows-drawn" style={{ height: drawn.getTotalSize() }} aria-labelledby="alerts-title">
      {drawn.getVirtualItems().map((item) => {
        const line = lines[item.index]
        if (line === undefined) return null
        return (
          <li
            key={item.key}
            ref={drawn.measureElement}
            data-index={item.index}
            className={classOf(line)}
            aria-setsize={lines.length}
            aria-posinset={item.index + 1}
            style={{ transform: `translateY(${item.start - drawn.marginPx}px)` }}
          >
            {"group" in line ? (
              <GroupRow group={line.group} state={line.state} {...{ onToggle, onAcknowledge }} officer={row.officer} />
            ) : (
              <AlertRow alert={line.alert} selected={line.id === selected} {...row} />
            )}
          </li>
        )
      })}
    </ul>
  )
}

const DeskRows = (props: RowsProps) => {
  const drawn = useVirtualizer<HTMLElement, HTMLElement>({
    ...optionsOf(props),
    getScrollElement: () => props.scroller.current
  })
  return <Rows props={props} drawn={Object.assign(drawn, { marginPx: 0 })} />
}

const PhoneRows = (props: RowsProps) => {
  const [marginPx, setMarginPx] = useState(0)
  const measured = useRef(0)
  useLayoutEffect(() => {
    const top = Math.round((props.scroller.current?.getBoundingClientRect().top ?? 0) + scrollY)
    if (top === measured.current) return
    measured.current = top
    setMarginPx(top)
  })
  const drawn = useWindowVirtualizer<HTMLElement>({ ...optionsOf(props), scrollMargin: marginPx })
  return <Rows props={props} drawn={Object.assign(drawn, { marginPx })} />
}

/** Rows of which only those on screen are drawn: a flood of a thousand alerts costs no more than a quiet evening. */
export const AlertRows = (props: RowsProps) => (props.phone ? <PhoneRows {...props} /> : <DeskRows {...props} />)
