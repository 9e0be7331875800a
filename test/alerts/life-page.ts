import {
  after,
  beginnings,
  happenings,
  lifeTable,
  type Part,
  type Standing,
  standings,
  type Turn,
  turnOf
} from "../../gateway/alerts/life-table.ts"

const parts = Object.keys(standings) as ReadonlyArray<Part>

/** Every way in which an open alert can stand. */
export const everyStanding: ReadonlyArray<Standing> = parts.reduce<ReadonlyArray<Partial<Standing>>>(
  (made, part) => made.flatMap((one) => standings[part].map((value) => ({ ...one, [part]: value }))),
  [{}]
) as ReadonlyArray<Standing>

const titles: { readonly [P in Part]: string } = {
  condition: "Its condition",
  answer: "Its acknowledgement",
  hand: "Who has it in hand, as seen by the officer who acts",
  shelf: "Its shelving",
  service: "Out of service",
  urgency: "Its urgency"
}

const nodeOf = (value: string): string => value.replace(/\W/g, "")

/** Under which standings of the other parts a change happens: those values of each that are not all. */
const conditionOf = (part: Part, where: ReadonlyArray<Standing>): string => {
  const said = parts.flatMap((other) => {
    const values = standings[other].filter((value) => where.some((standing) => standing[other] === value))
    return other === part || values.length === standings[other].length ? [] : [`${other} ${values.join(" or ")}`]
  })
  const fitting = everyStanding.filter((standing) =>
    parts.every((other) => where.some((one) => one[other] === standing[other]))
  )
  if (fitting.length > where.length) said.push("not always, see the table")
  return said.length === 0 ? "" : ` (${said.join(", ")})`
}

const diagramOf = (part: Part): ReadonlyArray<string> => {
  const edges = new Map<string, Array<Standing>>()
  for (const on of happenings) {
    for (const standing of everyStanding) {
      const then = after(standing, turnOf(standing, on))
      if (then[part] === standing[part]) continue
      const edge = `${nodeOf(standing[part])} --> ${nodeOf(then[part])}: ${on}`
      edges.set(edge, [...(edges.get(edge) ?? []), standing])
    }
  }
  return [
    `### ${titles[part]}`,
    "",
    "```mermaid",
    "stateDiagram-v2",
    ...standings[part].map((value) => `  state "${value}" as ${nodeOf(value)}`),
    ...[...edges].map(([edge, where]) => `  ${edge}${conditionOf(part, where)}`),
    "```",
    ""
  ]
}

const beginningsDiagram = (): ReadonlyArray<string> => [
  "### How it begins",
  "",
  "```mermaid",
  "stateDiagram-v2",
  '  state "nothing holds" as none',
  '  state "held back by its cause (suppressed by design)" as heldback',
  '  state "an open alert" as open',
  "  [*] --> none",
  ...beginnings
    .filter(({ from, to }) => from !== to)
    .map(({ from, on, to }) => `  ${nodeOf(from)} --> ${nodeOf(to)}: ${on}`),
  "  open --> [*]: close",
  "```",
  ""
]

const whenWords = ({ when }: Turn): string =>
  when === undefined
    ? "in any case"
    : parts.flatMap((part) => (when[part] === undefined ? [] : [`${part} ${when[part].join(" or ")}`])).join(", ")

const toWords = ({ to }: Turn): string =>
  to === undefined
    ? "stays as it is"
    : Object.entries(to)
        .map(([part, value]) => (part === "closed" ? "closed" : `${part} ${String(value)}`))
        .join(", ")

const rowOf = (turn: Turn): string =>
  `| ${turn.on} | ${whenWords(turn)} | ${turn.tells === undefined ? "nothing happens" : toWords(turn)} | ${turn.tells ?? ""} |`

const tableOf = (): ReadonlyArray<string> => [
  "### The table",
  "",
  "Of several rows of one happening the first that fits counts.",
  "",
  "| what happens | when | what it becomes | told as |",
  "| --- | --- | --- | --- |",
  ...lifeTable.map(rowOf),
  ""
]

/** The part of the page that is made from the table. */
export const lifePage = (): string =>
  [
    ...beginningsDiagram(),
    ...(["condition", "answer", "hand", "shelf", "service"] as const).flatMap(diagramOf),
    ...tableOf()
  ].join("\n")
