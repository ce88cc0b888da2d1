// What people write today for the same thing: `$connect` notes the connection, `$default` tells the
// client its address. AWS SDK v3 as Lambda's Node.js runtimes bring it along; clients are made once.

const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require("@aws-sdk/client-apigatewaymanagementapi");
const { DynamoDBClient, QueryCommand, TransactWriteItemsCommand } = require("@aws-sdk/client-dynamodb");

const table = process.env.TABLE_NAME;
const dynamodb = new DynamoDBClient({});
const gateways = new Map();

const gateway = (endpoint) => {
  if (!gateways.has(endpoint)) gateways.set(endpoint, new ApiGatewayManagementApiClient({ endpoint }));
  return gateways.get(endpoint);
};

const callbackUrlOf = ({ domainName, stage }) =>
  `${domainName.startsWith("127.0.0.1") ? "http" : "https"}://${domainName}/${stage}`;

const connect = async (context) => {
  const { connectionId, connectedAt } = context;
  const user = `anonymous/${connectionId}`;
  const exp = String(Math.ceil(connectedAt / 1000) + 7800);
  const item = (pk, sk) => ({
    PK: { S: pk },
    SK: { S: sk },
    user: { S: user },
    url: { S: callbackUrlOf(context) },
    connectedAt: { N: String(connectedAt) },
    exp: { N: exp },
  });
  const put = (pk, sk) => ({
    Put: { TableName: table, Item: item(pk, sk), ConditionExpression: "attribute_not_exists(PK)" },
  });
  await dynamodb.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        put(`C#${connectionId}`, "C"),
        put(`U#${user}`, `C#${connectionId}`),
        put("T#$all#3", `C#${connectionId}`),
      ],
    }),
  );
  await dynamodb.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "PK = :pk AND begins_with(SK, :sk)",
      ExpressionAttributeValues: { ":pk": { S: `U#${user}` }, ":sk": { S: "C#" } },
    }),
  );
};

const exchange = async (context) => {
  const { connectionId } = context;
  const callbackUrl = callbackUrlOf(context);
  await gateway(callbackUrl).send(
    new PostToConnectionCommand({
      ConnectionId: connectionId,
      Data: JSON.stringify({ connectionId, callbackUrl }),
    }),
  );
};

exports.handler = async (event, context) => {
  const { requestContext } = event;
  const { routeKey, connectionId } = requestContext;
  switch (routeKey) {
    case "$connect":
      await connect(requestContext);
      break;
    case "$default":
      await exchange(requestContext);
      break;
  }
  console.log(JSON.stringify({ level: "INFO", routeKey, connectionId, requestId: context.awsRequestId }));
  return { statusCode: 200 };
};
