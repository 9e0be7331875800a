import { Effect } from "effect"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound } from "./problem.ts"
import type { Sources } from "./sources.ts"

/** A picture's address is the hash of what is in it: it can never be another one. */
const forEver = "private, max-age=31536000, immutable"

/** It is shown as a picture and as nothing else, whatever else its bytes could be read as. */
const onlyShown = "default-src 'none'; sandbox"

const endings: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/png": "png" }

/** The pictures that alerts carry, by their hashes. */
export const evidenceRoutes = ({ evidence }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/evidence/{hash}",
    right: "see",
    summary: "A picture of an alert (JPEG or PNG), by the SHA-256 that the alert's evidence names",
    media: "image/*",
    problems: [404],
    handle: Effect.fnUntraced(function* ({ param, response }) {
      const hash = param("hash")
      const picture = yield* evidence.read(hash)
      if (picture === undefined) {
        return yield* notFound("unknown-evidence", `There is no picture ${hash.slice(0, 64)}: never kept, or expired.`)
      }
      response
        .status(200)
        .set({
          "Content-Type": picture.mediaType,
          "X-Content-Type-Options": "nosniff",
          "Content-Security-Policy": onlyShown,
          "Content-Disposition": `inline; filename="${hash}.${endings[picture.mediaType]}"`,
          "Cache-Control": forEver
        })
        .end(picture.bytes)
      return undefined
    })
  })
]
