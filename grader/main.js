// The one entry point. Plain JavaScript, so that a Node that is too old can still say so.

const [major = 0] = process.versions.node.split('.').map(Number)

if (major < 24) {
  process.stderr.write(
    `Loadbearing needs Node 24, and this is Node ${process.versions.node}. Run "npm ci" in this folder ` +
      `(without --ignore-scripts: it brings a Node 24 of its own), and start commands through npm, as in "npm test -- level1".\n`,
  )
  process.exit(2)
}

try {
  const { main } = await import('./cli.ts')
  await main(process.argv)
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(String(error.message)))
    throw error
  process.stderr.write(
    `${error.message.split(' imported from')[0]}. Run "npm ci" in this folder first.\n`,
  )
  process.exit(2)
}
