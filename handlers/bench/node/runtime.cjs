// The least that is a Lambda runtime: fetch an event, call the handler, say what came of it. The one
// that Lambda brings along does more, so whatever is slower than this is no fault of it.

const http = require("node:http");
const { handler } = require("./socket.cjs");

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method, path: `/2018-06-01/runtime/${path}` };
    const request = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ headers: response.headers, text }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });

const main = async () => {
  for (;;) {
    const { headers, text } = await call("GET", "invocation/next");
    const awsRequestId = headers["lambda-runtime-aws-request-id"];
    let outcome;
    try {
      outcome = ["response", await handler(JSON.parse(text), { awsRequestId })];
    } catch (error) {
      outcome = ["error", { errorType: error.name, errorMessage: error.message }];
    }
    await call("POST", `invocation/${awsRequestId}/${outcome[0]}`, JSON.stringify(outcome[1]));
  }
};

main();
