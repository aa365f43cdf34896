namespace Graph;

/// <summary>Bad input: the message is one sentence for the person at the terminal.</summary>
public sealed class GraphException(string message) : Exception(message);
