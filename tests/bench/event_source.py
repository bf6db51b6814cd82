"""Change the event sources of the running café's functions."""


def set_event_source(cafe, output, **settings):
    """Update the event source mapping of the function that an output names: `Enabled`, `ScalingConfig`."""
    client = cafe.aws.client("lambda")
    [source] = client.list_event_source_mappings(FunctionName=cafe.outputs[output])["EventSourceMappings"]
    client.update_event_source_mapping(UUID=source["UUID"], **settings)
