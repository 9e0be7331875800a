import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { temporaryDirectory } from "../../road/peers.ts"

/** Whether Debian's poppler-utils are here, which read a PDF as another program does; without them less is looked at. */
export const canReadPdf = spawnSync("pdftotext", ["-v"]).status === 0

/** What a PDF says, page by page. Needs `canReadPdf`. */
export const pagesOf = (pdf: Uint8Array): ReadonlyArray<string> => {
  const directory = temporaryDirectory("pdf")
  const file = join(directory.path, "report.pdf")
  writeFileSync(file, pdf)
  const { stdout, stderr, status } = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" })
  directory.dispose()
  if (status !== 0) throw new Error(stderr)
  return stdout.split("\f").slice(0, -1)
}
