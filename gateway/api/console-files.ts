import { existsSync } from "node:fs"
import { join } from "node:path"
import express, { Router } from "express"

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gatehouse</title>
<h1>The console is not built</h1>
<p>The gateway runs and its API answers under <code>/api/v1</code>.
To build the console, run <code>npm run build:console</code> where Gatehouse is installed, then load this page again.</p>
</html>
`

/** Addresses that belong to programs: they never answer with the console's page. */
const forPrograms = /^\/(?:api|metrics|healthz|readyz)(?:\/|$)/

/**
 * The console as built files. Any other address that a browser opens shows the console too, which reads the address
 * itself; without a built console a page says how to build it.
 */
export const consoleFiles = (consoleDir: string): Router => {
  const page = join(consoleDir, "index.html")
  const router = Router()
  router.use(
    "/assets",
    // The build names these files by their content.
    express.static(join(consoleDir, "assets"), { immutable: true, maxAge: "1y", fallthrough: true })
  )
  router.use(express.static(consoleDir))
  router.get(/.*/, (request, response, next) => {
    if (forPrograms.test(request.path) || !request.accepts("html") || /\.\w+$/.test(request.path)) return next()
    if (existsSync(page)) return response.sendFile(page, { headers: { "Cache-Control": "no-cache" } })
    return response.type("html").send(notBuilt)
  })
  return router
}
