// A chat: who is connected stands in a table, and what anybody says is sent to everybody.
const { App, CfnOutput, RemovalPolicy, Stack } = require("aws-cdk-lib");
const { WebSocketApi, WebSocketStage } = require("aws-cdk-lib/aws-apigatewayv2");
const { WebSocketLambdaIntegration } = require("aws-cdk-lib/aws-apigatewayv2-integrations");
const { AttributeType, BillingMode, Table } = require("aws-cdk-lib/aws-dynamodb");
const { Code, Function, Runtime } = require("aws-cdk-lib/aws-lambda");

const app = new App({ outdir: "cdk.out", analyticsReporting: false });
const stack = new Stack(app, "Chat");

const table = new Table(stack, "Connections", {
  partitionKey: { name: "connectionId", type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.DESTROY,
});

const code = Code.fromAsset("handlers");
const handler = (id, name) =>
  new Function(stack, id, {
    runtime: Runtime.NODEJS_20_X,
    handler: name,
    code,
    environment: { TABLE_NAME: table.tableName },
  });
const connect = handler("Connect", "presence.connect");
const disconnect = handler("Disconnect", "presence.disconnect");
const message = handler("Message", "message.handler");

const route = (fn) => ({ integration: new WebSocketLambdaIntegration(`${fn.node.id}Integration`, fn) });
const api = new WebSocketApi(stack, "Api", {
  connectRouteOptions: route(connect),
  disconnectRouteOptions: route(disconnect),
  defaultRouteOptions: route(message),
});
const stage = new WebSocketStage(stack, "Stage", { webSocketApi: api, stageName: "prod", autoDeploy: true });

table.grantWriteData(connect);
table.grantWriteData(disconnect);
table.grantReadWriteData(message);
stage.grantManagementApiAccess(message);

new CfnOutput(stack, "Url", { value: stage.url });
app.synth();
