import { Effect } from "effect"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound } from "./problem.ts"
import type { Sources } from "./sources.ts"

/** A drawing may be another one tomorrow: it is kept, and asked for again. */
const askAgain = "private, no-cache"

/** It is shown as a picture and does nothing, whatever is written in it; its own style sheet is part of the picture. */
const onlyShown = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

/** The drawings of the plans. What is where on them stands in the campus. */
export const planRoutes = ({ drawings }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/plans/{id}/drawing",
    right: "see",
    summary: "The drawing of a plan (SVG); the campus tells its SHA-256, its viewBox, and what is where on it",
    media: "image/svg+xml",
    problems: [404],
    handle: Effect.fnUntraced(function* ({ param, request, response }) {
      const id = param("id")
      const drawing = drawings().get(id)
      if (drawing === undefined) {
        return yield* notFound("unknown-plan", `There is no plan "${id.slice(0, 64)}" in the configuration in force.`)
      }
      const tag = `"${drawing.digest}"`
      response.set({
        "Content-Type": "image/svg+xml",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": onlyShown,
        "Content-Disposition": `inline; filename="${id}.svg"`,
        "Cache-Control": askAgain,
        ETag: tag
      })
      if (request.get("if-none-match") === tag) response.status(304).end()
      else response.status(200).end(drawing.svg)
      return undefined
    })
  })
]
