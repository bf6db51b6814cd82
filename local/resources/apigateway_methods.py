"""Resources, methods, integrations and authorizers of REST APIs that are not imported from a document."""

from .described import described

REST_API = {"restApi": "restApiId"}
METHOD = {"restApiId": "{restApi}", "resourceId": "{resourceId}", "httpMethod": "{httpMethod}"}

described(
    "aws:apigateway/resource:Resource",
    *("apigateway", "create_resource", "delete_resource"),
    id="{id}",
    key={"restApiId": "{restApi}", "resourceId": "{id}"},
    outputs={"path": "{path}"},
    renamed={**REST_API, "parentId": "parentId"},
)
described(
    "aws:apigateway/method:Method",
    *("apigateway", "put_method", "delete_method"),
    id="agm-{restApi}-{resourceId}-{httpMethod}",
    key=METHOD,
    renamed={**REST_API, "authorization": "authorizationType"},
)
described(
    "aws:apigateway/methodResponse:MethodResponse",
    *("apigateway", "put_method_response", "delete_method_response"),
    id="agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}",
    key={**METHOD, "statusCode": "{statusCode}"},
    renamed=REST_API,
)
described(
    "aws:apigateway/integration:Integration",
    *("apigateway", "put_integration", "delete_integration"),
    id="agi-{restApi}-{resourceId}-{httpMethod}",
    key=METHOD,
    update="put_integration",
    renamed={**REST_API, "timeoutMilliseconds": "timeoutInMillis"},
    replace_on={"restApi", "resourceId", "httpMethod"},
)
described(
    "aws:apigateway/integrationResponse:IntegrationResponse",
    *("apigateway", "put_integration_response", "delete_integration_response"),
    id="agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}",
    key={**METHOD, "statusCode": "{statusCode}"},
    renamed=REST_API,
)
described(
    "aws:apigateway/authorizer:Authorizer",
    *("apigateway", "create_authorizer", "delete_authorizer"),
    id="{id}",
    key={"restApiId": "{restApi}", "authorizerId": "{id}"},
    renamed=REST_API,
    defaults={"type": "TOKEN", "identitySource": "method.request.header.Authorization"},
    name="name",
)
