using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Reading;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>
/// Stages 2 and 3: expands blocks and composites into phases of instructions, forward only, with dims on every value.
/// Shapes are symbolic, so one message covers all sizes.
/// </summary>
internal sealed class BuildGraph
{
    private static readonly string[] Reserved = ["from", "with", "name", "axis", "share", "layers"];

    private readonly ModelGraph graph;
    private readonly Dictionary<string, OperatorSpec> operators;
    private readonly Dictionary<string, BlockSpec> blocks;
    private readonly Dictionary<string, ParameterValue> parameters = [];
    private readonly Dictionary<string, (string Path, string Block)> shared = [];
    private readonly Stack<string> calls = new();
    private Phase phase = null!;

    private BuildGraph(ModelSpec spec)
    {
        graph = new ModelGraph(spec);
        operators = spec.Operators.ToDictionary(o => o.Key);
        blocks = spec.Blocks.ToDictionary(b => b.Key);
    }

    public static ModelGraph Run(ModelSpec spec) => new BuildGraph(spec).Model();

    private ModelGraph Model()
    {
        var scope = new Scope(graph.Spec.Name, "", "");
        string? previous = null;
        foreach (var node in graph.Spec.Nodes)
        {
            Enter(node);
            switch (node.Kind)
            {
                case NodeKind.Input:
                    var input = new Value(node.Name, scope.Shape(node), node.Text("integer") == "true");
                    scope.Values[node.Name] = graph.Keep(input);
                    graph.Ports.Add(new PortValue(node.Name, input, true, node.Text("gradient") == "true"));
                    break;
                case NodeKind.State:
                    var state = new Value(node.Name, scope.Shape(node)) { IsState = true };
                    scope.Values[node.Name] = graph.Keep(state);
                    graph.States.Add(new StateValue(node.Text("init") ?? node.Name, state));
                    break;
                default:
                    Place(node, scope, previous);
                    Finish(node, scope);
                    break;
            }

            previous = node.Name;
        }

        KeepWhatCrossesPhases();
        return graph;
    }

    /// <summary>Starts a new phase where the loop path changes (GRAPH026 when it comes back to a loop that was left).</summary>
    private void Enter(NodeSpec node)
    {
        var path = node.Loop.Length == 0 ? [] : node.Loop.Split('/');
        var loops = path.Select(name => graph.Spec.Loops.FirstOrDefault(l => l.Name == name)
            ?? throw new CompileException(Problem.Of("GRAPH026", node.Name + "@In", node.Loop, "is not declared"))).ToList();
        for (var i = 0; i < loops.Count; i++)
        {
            if (loops[i].Inside != (i == 0 ? "" : loops[i - 1].Name))
            {
                throw new CompileException(Problem.Of("GRAPH026", node.Name + "@In", node.Loop, "does not match the nesting of the declared loops"));
            }
        }

        if (phase is not null && phase.Loops.SequenceEqual(loops))
        {
            return;
        }

        var looped = graph.Phases.Any(p => p.Loops.Count > 0);
        var name = loops.Count > 0 ? loops[loops.Count - 1].Name : looped ? "Heads" : "Inputs";
        if (graph.Phases.Any(p => p.Name == name))
        {
            throw new CompileException(Problem.Of("GRAPH026", node.Name + "@In", node.Loop.Length == 0 ? name : node.Loop, "is not contiguous"));
        }

        phase = new Phase(name, loops);
        foreach (var loop in loops)
        {
            var count = Count(loop);
            phase.Turns *= loop == loops[0] ? LastTurn(loop) : TurnsWithGradient(loop) ?? count;
        }

        graph.Phases.Add(phase);
    }

    /// <summary>A loop's count is one number or one name: the emitted loop reads it as it stands.</summary>
    private static DimExpr Count(LoopSpec loop) => IsOne(loop.Count, out var count, out var column)
        ? count
        : throw new CompileException(Problem.Of("GRAPH040", "loop:" + loop.Name, loop.Count, Math.Max(column, 1).ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Of the outermost loop the last turn alone carries gradient: the states that it starts from are the carry, which is detached.</summary>
    private static DimExpr LastTurn(LoopSpec outermost) => outermost.Gradient.Length == 0
        ? DimExpr.Constant(1)
        : throw new CompileException(Problem.Of("GRAPH029", "loop:" + outermost.Name, outermost.Name, outermost.Gradient, "is for inner loops; of the outermost one the last turn alone carries gradient"));

    /// <summary>Null where all turns do.</summary>
    private static DimExpr? TurnsWithGradient(LoopSpec loop) => loop.Gradient.Length == 0 ? null
        : IsOne(loop.Gradient, out var turns, out _) ? turns
        : throw new CompileException(Problem.Of("GRAPH029", "loop:" + loop.Name, loop.Name, loop.Gradient, "must be a number or the name of a dim"));

    private static bool IsOne(string text, out DimExpr dim, out int column) =>
        DimParser.Parse(text, out dim, out column) && (text.All(char.IsDigit) || dim.Equals(DimExpr.Name(text)));

    /// <summary>Outputs, losses and state updates of a model's node.</summary>
    private void Finish(NodeSpec node, Scope scope)
    {
        var value = scope.Values[node.Name];
        if (node.IsOutput || node.LossWeight is not null)
        {
            foreach (var result in scope.Values.Where(v => v.Key == node.Name || v.Key.StartsWith(node.Name + ".", StringComparison.Ordinal)).ToList())
            {
                graph.Keep(result.Value);
                graph.Ports.Add(new PortValue(result.Key, result.Value, false, false));
            }
        }

        if (node.LossWeight is { } weight)
        {
            graph.Losses.Add((value, weight));
        }

        if (node.Updates.Length > 0)
        {
            var state = scope.Find(node, new Wire(node.Updates, ""));
            if (!state.IsState || phase.Loops.Count == 0 || !state.Shape.SequenceEqual(value.Shape))
            {
                throw new CompileException(Problem.Of("GRAPH027", node.Name + "@Updates", node.Updates));
            }

            phase.Updates.Add(state);
            phase.Forward.Add(new Instr(InstrKind.Copy, node.Name, node.Updates, graph.Spec.Name).Reading("x", value).Writing("y", state));
        }
    }

    private void Place(NodeSpec node, Scope scope, string? previous)
    {
        switch (node.Kind)
        {
            case NodeKind.Operator:
                PlaceOperator.Run(this, node, scope, previous, operators[node.Target]);
                break;
            case NodeKind.Columns:
                PlaceView(node, scope, previous, node.Text("axis") is { } axis && scope.Text(axis) == "t");
                break;
            case NodeKind.Call:
                PlaceCall(node, scope, previous);
                break;
            case NodeKind.Composite:
                PlaceComposite(node, scope, previous);
                break;
            default:
                throw new CompileException(Problem.Of("GRAPH004", scope.Place(node), node.Name));
        }
    }

    private static void PlaceView(NodeSpec node, Scope scope, string? previous, bool rows)
    {
        var source = scope.First(node, previous);
        var first = scope.Dim(node, "first");
        var extent = scope.Dim(node, "end") - first;
        var shape = source.Shape.ToList();
        shape[shape.Count - (rows ? 2 : 1)] = extent;
        var zero = DimExpr.Constant(0);
        scope.Values[node.Name] = Value.View(scope.Identifier(node.Name), source, shape, rows ? zero : first, rows ? first : zero);
        scope.Values[node.Name].ShortName = node.Name;
    }

    private void PlaceCall(NodeSpec node, Scope scope, string? previous)
    {
        var block = blocks[node.Target];
        if (calls.Contains(block.Key))
        {
            throw new CompileException(Problem.Of("GRAPH023", scope.Place(node), string.Join(" → ", calls.Reverse().Append(block.Key).Select(k => k.Split('.').Last()))));
        }

        var inputs = new List<Value> { scope.First(node, previous) };
        if (node.Text("with") is { } with)
        {
            inputs.Add(scope.Find(node, new Wire(with, "with")));
        }

        var path = scope.Parameter(node.Text("name") ?? node.Name);
        if (node.Text("share") is { } key)
        {
            // The first call with a key owns the weights; later ones read its path.
            if (!shared.TryGetValue(key, out var owner))
            {
                shared[key] = owner = (path, block.Key);
            }

            path = owner.Block == block.Key ? owner.Path : throw new CompileException(Problem.Of("GRAPH025", scope.Place(node), key, owner.Block, block.Key));
        }

        var layers = int.Parse(node.Text("layers") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        calls.Push(block.Key);
        for (var i = 0; i < layers; i++)
        {
            var suffix = layers == 1 ? "" : i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var inner = new Scope(block.Name, scope.Identifier(node.Name + suffix), layers == 1 ? path : path + "." + suffix);
            inputs[0] = Expand(node, block, inner, inputs, scope);
        }

        calls.Pop();
        Bind(scope, node, inputs[0]);
    }

    private void PlaceComposite(NodeSpec node, Scope scope, string? previous)
    {
        var block = blocks[node.Target];
        var source = scope.First(node, previous);
        var inner = new Scope(block.Name, scope.Identifier(node.Name), scope.Parameter(node.Text("name") ?? node.Name));
        foreach (var argument in node.Arguments.Where(a => a.Name is not ("from" or "with" or "name")))
        {
            inner.Texts[argument.Name] = scope.Text(argument.Value);
            if (argument.Name != "axis")
            {
                inner.Dims[argument.Name] = scope.Dim(node, argument.Name);
                inner.Texts.Remove(argument.Name);
            }
        }

        inner.Dims["width"] = source.Width;
        inner.Dims["length"] = source.Length;
        inner.Dims["extent"] = inner.Texts.TryGetValue("axis", out var axis) && axis == "t" ? source.Length : source.Width;
        var inputs = new List<Value> { source };
        if (node.Text("with") is { } with)
        {
            inputs.Add(scope.Find(node, new Wire(with, "with")));
        }

        Bind(scope, node, Expand(node, block, inner, inputs, scope));
    }

    private static void Bind(Scope scope, NodeSpec node, Value value)
    {
        scope.Values[node.Name] = value;
    }

    private Value Expand(NodeSpec call, BlockSpec block, Scope inner, List<Value> inputs, Scope outer)
    {
        var declared = block.Nodes.Count(n => n.Kind == NodeKind.Input);
        if (declared != inputs.Count)
        {
            throw new CompileException(Problem.Of("GRAPH022", outer.Place(call), block.Name, Text(declared), Text(inputs.Count)));
        }

        var next = 0;
        string? previous = null;
        Value? output = null;
        foreach (var node in block.Nodes)
        {
            if (node.Kind == NodeKind.Input)
            {
                inner.Values[node.Name] = inputs[next++];
            }
            else
            {
                Place(node, inner, previous);
            }

            if (node.IsOutput)
            {
                output = inner.Values[node.Name];
            }

            previous = node.Name;
        }

        return output ?? throw new CompileException(Problem.Of("GRAPH005", outer.Place(call), block.Name));

        static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void KeepWhatCrossesPhases()
    {
        var home = new Dictionary<Value, Phase>();
        foreach (var p in graph.Phases)
        {
            foreach (var written in p.Forward.SelectMany(i => i.Writes))
            {
                home[written.Value.Root] = p;
            }
        }

        foreach (var p in graph.Phases)
        {
            foreach (var read in p.Forward.SelectMany(i => i.Reads))
            {
                if (home.TryGetValue(read.Value.Root, out var writer) && writer != p)
                {
                    graph.Keep(read.Value);
                }
            }
        }
    }

    internal void Emit(Instr instr) => phase.Forward.Add(instr);

    internal static bool IsReserved(string argument) => Reserved.Contains(argument);

    /// <summary>The parameter at <paramref name="name"/>, made on first use; shared calls meet here.</summary>
    internal ParameterValue Parameter(string name, IReadOnlyList<DimExpr> shape, string init, DimExpr fanIn)
    {
        if (!parameters.TryGetValue(name, out var parameter))
        {
            parameters[name] = parameter = new ParameterValue(name, shape, init, fanIn);
            graph.Parameters.Add(parameter);
        }

        return parameter;
    }
}
