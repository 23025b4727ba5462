console.error('Configuration not found.')
process.exit(7)
