import { runCommandLine } from "../../gateway/cli/command-line.ts"
import { editorSchemaText } from "../../gateway/settings/editor-schema.ts"
import { checkSettings } from "../../gateway/settings/load-settings.ts"
import { installed } from "../settings/installed.ts"

/** The real command line over the adapters and profiles that the settings' tests know. */
runCommandLine({
  checks: () =>
    Promise.resolve({
      editorSchema: editorSchemaText,
      settings: (paths) => ({
        problems: checkSettings(paths, installed).problems,
        summary: "1 door",
        notes: []
      })
    }),
  starter: () => Promise.reject(new Error("this gateway only checks"))
})
