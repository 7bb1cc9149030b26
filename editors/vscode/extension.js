// Starts `tmc lsp` and lets it answer: everything but the highlighting is done there.

const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate(context) {
  const command = workspace.getConfiguration("tmc").get("command");
  const watcher = workspace.createFileSystemWatcher("**/*.tm"); // a machine is looked over again when a file that it uses changes
  context.subscriptions.push(watcher);
  client = new LanguageClient(
    "tmc",
    "tmc",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ language: "tmc", scheme: "file" }, { language: "tmc", scheme: "untitled" }],
      synchronize: { fileEvents: watcher },
    },
  );
  return client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
