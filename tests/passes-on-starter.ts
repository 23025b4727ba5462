/** The graded tests that the starter passes already: their title after level and module, and why this is right. */
export const passesOnStarter: Readonly<Record<string, string>> = {
  'level1/request-head: answers a request that arrives in one read':
    'the starter serves a browser; whoever mends it must not lose that',
  'level1/request-head: serves HTTP/1.0 without Host, and a later minor version as HTTP/1.1':
    'the starter looks at neither Host nor the version; the test catches who becomes too strict',
  'level1/routes: serves every route of the table':
    'the starter serves a browser; whoever mends it must not lose that',
  'level1/refusals: closes silently when a client ends without a byte':
    'the starter says nothing to a client that says nothing; the test catches who answers it with 400',
  'level1/responses: answers a client that has ended its direction after a whole request':
    'the starter answers what came in one read before it sees FIN; the test catches who takes FIN for leaving',
  'level1/request-head: ignores fields that it does not know, whatever their names and values':
    'the starter looks at one field only; the test catches who trips over the others',
  'level1/request-head: takes SP and HTAB around a value for white space':
    'the starter looks at neither Host nor Content-Length; the test catches who reads them too strictly',
  'level1/request-head: serves every later minor version':
    'the starter never looks at the version; the test catches who becomes too strict',
  'level1/request-head: ignores Expect':
    'the starter ignores it; the test catches who answers it before level 2',
  'level1/request-head: ignores the bytes after a request, whatever they are':
    'the starter throws away what else came in its one read; the test catches who answers that, too',
  'level1/content: answers GET and HEAD with content as it does without':
    'the starter never reads the content of a GET; the test catches who trips over it later',
  'level1/content: gives a GET its whole answer when its content comes in a later read':
    'the starter answers before the content comes; the test catches who closes so that the answer is lost',
  'level1/refusals: ends with exit code 0 when it is asked to, whatever clients are doing':
    'main.ts is given, and ends; the test catches who keeps it from that',
  'level1/request-head: allows every Host that is a host with an optional port':
    'the starter never looks at Host; the test catches who becomes too strict',
  'level1/refusals: says in one sentence why it cannot use a setting':
    'settings.ts is given; the test catches who replaces it',
  'level1/refusals: says in one line which port is in use':
    'listen.ts is given; the test catches who replaces it',
  'level1/cases: accuses no correct server':
    'the worked example of cases.ts is right; the test catches who accuses correct servers later',
  'level1/cases: has cases that are well-formed':
    'the worked example of cases.ts is well-formed; the test catches who breaks it later',
}
