"""The event sources of the running café's functions."""


def set_event_source(cafe, output, **settings):
    """Change what feeds the function that an output names, by Lambda's words for it: `Enabled`, `ScalingConfig`."""
    client = cafe.aws.client("lambda")
    [source] = client.list_event_source_mappings(FunctionName=cafe.outputs[output])["EventSourceMappings"]
    client.update_event_source_mapping(UUID=source["UUID"], **settings)
