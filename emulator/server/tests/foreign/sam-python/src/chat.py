import logging
import os

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def presence(event, context):
    context_of_request = event["requestContext"]
    key = {"connectionId": context_of_request["connectionId"]}
    if context_of_request["eventType"] == "CONNECT":
        table.put_item(Item=key)
    else:
        table.delete_item(Key=key)
    return {"statusCode": 200}


def message(event, context):
    endpoint = "https://{}.execute-api.{}.amazonaws.com/{}".format(
        os.environ["API_ID"], os.environ["AWS_REGION"], event["requestContext"]["stage"]
    )
    api = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint)
    connections = table.scan(ConsistentRead=True)["Items"]
    logger.info("telling %d", len(connections))
    for connection in connections:
        try:
            api.post_to_connection(ConnectionId=connection["connectionId"], Data=event["body"])
        except api.exceptions.GoneException:
            table.delete_item(Key=connection)
    return {"statusCode": 200}
